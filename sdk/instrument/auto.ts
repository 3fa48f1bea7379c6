/**
 * Starts and stops auto-instrumentation: from the transport on Node, by patches of packages elsewhere.
 * The code that patches packages is a separate file of the built SDK, which Node never loads.
 */

import type { ProviderPackage } from '../config/provider-packages.ts';
import { isolatesRequests } from '../platform/isolation.ts';
import { builtin } from '../platform/platform.ts';
import { shared } from '../platform/shared.ts';
import { setTimer } from '../platform/timers.ts';
import { instances } from '../runtime/runtime.ts';
import { updateTap } from '../transport/tap.ts';
import { type Core, core } from './core.ts';

/** State of auto-instrumentation, shared by all copies of the package. */
export const autoInstrumentation = shared(
  'auto',
  (): {
    /** Whether the host program calls `instrument()`. */
    isInstrumenting: boolean;
    /** Removes all patches; undefined while nothing is patched. */
    stop: (() => void) | undefined;
  } => ({ isInstrumenting: false, stop: undefined }),
);

/**
 * Patches the packages, and returns a function that removes the patches. Calls `onBundled` instead when
 * the SDK runs inside a bundle.
 */
export type AutoInstrument = (
  core: Core,
  packages: readonly ProviderPackage[],
  onBundled: () => void,
) => () => void;

/** Applies the option `autoInstrument` of all configurations, after one of them has changed. */
export function updateAuto(): void {
  if (updateTap()) return;
  autoInstrumentation.stop?.();
  autoInstrumentation.stop = undefined;
  const configured = [...instances].flatMap(({ runtime }) => runtime ?? []);
  const packages = configured.flatMap(({ settings }) => settings.autoInstrument);
  const node = builtin('node:module');
  // On workerd there are no packages to be loaded, although there is a module of this name.
  if (packages.length === 0 || !node || isolatesRequests()) return;
  const onBundled = (): void => {
    // No warning when the program calls instrument() in this turn.
    setTimer(() => {
      if (autoInstrumentation.isInstrumenting) return;
      for (const { warn } of configured) warn('bundled', BUNDLED_HINT);
    });
  };
  try {
    const here = import.meta.url;
    const file = `./auto-instrument.${here.endsWith('.ts') ? 'ts' : 'cjs'}`;
    const { autoInstrument } = node.createRequire(here)(file) as { autoInstrument: AutoInstrument };
    autoInstrumentation.stop = autoInstrument(core, [...new Set(packages)], onBundled);
  } catch {
    onBundled();
  }
}

const BUNDLED_HINT =
  'autoInstrument does not reach into a bundle: wrap each client, as in instrument(new OpenAI()), or ' +
  'leave agensight and the provider packages out of the bundle; autoInstrument: false if there are none';
