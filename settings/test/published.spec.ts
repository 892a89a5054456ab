import { expectTypeOf, test } from 'vitest';
import type { AssentSettings } from '../src/index.js';
import type { View } from '../src/page.js';
import type {
  AssentChange,
  AssentSettingsAttributes,
  AssentSettings as Published,
} from '../src/published.js';

test('the types of the package are those of the element', () => {
  expectTypeOf<AssentSettings>().toExtend<Published>();
  expectTypeOf<AssentSettings['getToken']>().toEqualTypeOf<Published['getToken']>();
  expectTypeOf<View>().toEqualTypeOf<NonNullable<AssentSettingsAttributes['view']>>();
  expectTypeOf<HTMLElementTagNameMap['assent-settings']>().toEqualTypeOf<Published>();
  expectTypeOf<HTMLElementEventMap['assent-change']>().toEqualTypeOf<AssentChange>();
});
