/** `<assent-settings>`: the page on which people see, understand and change what is done with their data. */
import { h, render } from 'preact';
import type { GetToken } from './service/access.js';
import { App } from './app.js';
import { isView } from './page.js';
import style from './style.css';

/** Of a document that is nothing but the page. */
const AROUND = new CSSStyleSheet();
AROUND.replaceSync('body{margin:0}html{background:light-dark(#f5f7f6,#0f1415)}');

/**
 * Attributes: `base`, the address of the service (that of this script unless given); `language`, as a BCP 47 tag (those of
 * the browser); `view`, one of `settings`, `review`, `uses` and `record`; `whole`, where nothing else is on the document.
 * Events: `assent-change`, when a change is in force; its `detail.consistencyToken` proves it to decisions. `assent-erasure`,
 * when the record is erased.
 */
export class AssentSettings extends HTMLElement {
  static readonly observedAttributes = ['language'];

  #getToken: GetToken | undefined;
  #sheet: CSSStyleSheet | undefined;

  /** Gives the bearer token of whoever is signed in. Without it, the session of the service counts. */
  get getToken(): GetToken | undefined {
    return this.#getToken;
  }

  set getToken(getToken: GetToken | undefined) {
    this.#getToken = getToken;
    if (this.isConnected) this.#draw();
  }

  connectedCallback(): void {
    // a host may have set it before this script came
    if (Object.hasOwn(this, 'getToken')) {
      const early = this.getToken;
      Reflect.deleteProperty(this, 'getToken');
      this.#getToken = early;
    }
    const isHosted = this.#getToken === undefined && !this.hasAttribute('whole');
    // the scripts of a host run after this one, and one of them may set it
    if (isHosted && document.readyState !== 'complete')
      window.addEventListener('load', () => this.isConnected && this.#draw(), { once: true });
    else this.#draw();
  }

  /** What is not drawn yet reads them when it is. */
  attributeChangedCallback(): void {
    if (this.isConnected && this.shadowRoot !== null) this.#draw();
  }

  disconnectedCallback(): void {
    if (this.shadowRoot !== null) render(null, this.shadowRoot);
  }

  #draw(): void {
    const root = this.shadowRoot ?? this.attachShadow({ mode: 'open' });
    if (this.#sheet === undefined) {
      this.#sheet = new CSSStyleSheet();
      this.#sheet.replaceSync(style);
      root.adoptedStyleSheets = [this.#sheet];
    }
    const view = this.getAttribute('view');
    const isWhole = this.hasAttribute('whole');
    if (isWhole && !document.adoptedStyleSheets.includes(AROUND)) document.adoptedStyleSheets.push(AROUND);
    render(
      h(App, {
        base: addressOf(this.getAttribute('base')),
        getToken: this.#getToken,
        language: this.getAttribute('language') ?? '',
        view: isView(view) ? view : 'settings',
        isWhole,
        onChange: (consistencyToken) =>
          this.dispatchEvent(
            new CustomEvent('assent-change', { bubbles: true, composed: true, detail: { consistencyToken } }),
          ),
        onErased: () =>
          this.dispatchEvent(new CustomEvent('assent-erasure', { bubbles: true, composed: true })),
      }),
      root,
    );
  }
}

/** Without a trailing slash. The script lies in a folder of the service. */
function addressOf(base: string | null): string {
  const url = base === null ? new URL('..', import.meta.url) : new URL(base, document.baseURI);
  return url.href.replace(/\/$/, '');
}

if (customElements.get('assent-settings') === undefined)
  customElements.define('assent-settings', AssentSettings);
