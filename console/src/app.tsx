/** The console: who is signed in, in which language, and the view of the address. */
import { QueryClientProvider } from '@tanstack/react-query';
import { type ReactNode, lazy, useEffect, useState } from 'react';
import { I18nProvider } from 'react-aria-components';
import { Route, Router, Switch, useLocation } from 'wouter';
import { ARRIVED, keptView } from './api/came-from.js';
import { newQueries } from './api/queries.js';
import { type Me, MeProvider, useCaller } from './api/session.js';
import { Said } from './parts/said.js';
import { Boundary } from './shell/boundary.js';
import { Frame } from './shell/frame.js';
import { NotAdmin, SignIn } from './shell/outside.js';
import { Home } from './pages/home/home.js';
import { type Language, SpokenProvider, firstLanguage, keepLanguage, useWords } from './words/words.js';

const MatrixView = lazy(async () => ({
  default: (await import('./pages/matrix/matrix-view.js')).MatrixView,
}));
const DecideView = lazy(async () => ({
  default: (await import('./pages/decide/decide-view.js')).DecideView,
}));
const ShadowView = lazy(async () => ({
  default: (await import('./pages/shadow/shadow-view.js')).ShadowView,
}));
const VersionsView = lazy(async () => ({
  default: (await import('./pages/versions/versions-view.js')).VersionsView,
}));
const ReplayView = lazy(async () => ({
  default: (await import('./pages/replay/replay-view.js')).ReplayView,
}));
const DraftsView = lazy(async () => ({
  default: (await import('./pages/draft/drafts-view.js')).DraftsView,
}));
const DraftView = lazy(async () => ({
  default: (await import('./pages/draft/draft-view.js')).DraftView,
}));
const ConsentView = lazy(async () => ({
  default: (await import('./pages/consent/consent-view.js')).ConsentView,
}));
const ReviewsView = lazy(async () => ({
  default: (await import('./pages/reviews/reviews-view.js')).ReviewsView,
}));
const ProofView = lazy(async () => ({
  default: (await import('./pages/proof/proof-view.js')).ProofView,
}));
const OperationView = lazy(async () => ({
  default: (await import('./pages/operation/operation-view.js')).OperationView,
}));
const UsesView = lazy(async () => ({
  default: (await import('./pages/uses/uses-view.js')).UsesView,
}));
const CasesView = lazy(async () => ({
  default: (await import('./pages/cases/cases-view.js')).CasesView,
}));
const CaseView = lazy(async () => ({
  default: (await import('./pages/cases/case-view.js')).CaseView,
}));

/** The path that the console stands at. */
const BASE = new URL(document.baseURI).pathname.replace(/\/$/, '');

export function App() {
  const [language, setLanguage] = useState(firstLanguage);
  useEffect(() => {
    document.documentElement.lang = language;
  }, [language]);
  const speak = (chosen: Language) => {
    keepLanguage(chosen);
    setLanguage(chosen);
  };
  return (
    <SpokenProvider value={language}>
      <I18nProvider locale={language}>
        <Router base={BASE}>
          <Boundary>
            <Inside speak={speak} />
          </Boundary>
        </Router>
      </I18nProvider>
    </SpokenProvider>
  );
}

function Inside({ speak }: { readonly speak: (language: Language) => void }) {
  const caller = useCaller();
  const [, go] = useLocation();
  const isIn = caller.data !== undefined;
  useEffect(() => {
    const view = isIn ? keptView() : undefined;
    if (view !== undefined) go(view.slice(BASE.length), { replace: true, state: ARRIVED });
  }, [isIn, go]);
  if (caller.error !== null && caller.data === undefined)
    return <SignIn error={caller.error} again={() => void caller.refetch()} />;
  if (caller.data === undefined) return <Said busy />;
  if (caller.data.kind !== 'admin') return <NotAdmin id={caller.data.id} />;
  return (
    <ForOne key={JSON.stringify([caller.data.id, caller.data.roles])} me={caller.data}>
      <Frame speak={speak}>
        <Switch>
          <Route path="/" component={Home} />
          <Route path="/matrix" component={MatrixView} />
          <Route path="/drafts/:id/decide">{({ id }) => <DecideView key={id} id={id} />}</Route>
          <Route path="/drafts/:id/shadow">{({ id }) => <ShadowView key={id} id={id} />}</Route>
          <Route path="/versions" component={VersionsView} />
          <Route path="/replay" component={ReplayView} />
          <Route path="/drafts" component={DraftsView} />
          <Route path="/drafts/:id">{({ id }) => <DraftView key={id} id={id} />}</Route>
          <Route path="/consent" component={ConsentView} />
          <Route path="/reviews" component={ReviewsView} />
          <Route path="/proof" component={ProofView} />
          <Route path="/operation" component={OperationView} />
          <Route path="/uses" component={UsesView} />
          <Route path="/cases" component={CasesView} />
          <Route path="/cases/:id">{({ id }) => <CaseView key={id} id={id} />}</Route>
          <Route component={NoView} />
        </Switch>
      </Frame>
    </ForOne>
  );
}

/** What one person is shown is kept for them alone: with another, or other roles, all of it is asked for anew. */
function ForOne({ me, children }: { readonly me: Me; readonly children: ReactNode }) {
  const [queries] = useState(newQueries);
  return (
    <QueryClientProvider client={queries}>
      <MeProvider value={me}>{children}</MeProvider>
    </QueryClientProvider>
  );
}

function NoView() {
  return <p>{useWords().notFound}</p>;
}
