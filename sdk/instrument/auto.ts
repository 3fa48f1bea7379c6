/**
 * Starts and stops the recording of provider packages that nobody wrapped by hand. What does it is a
 * file of its own beside the built SDK, so that a program which is bundled does not carry it: there
 * it would find no package to patch.
 */

import type { ProviderPackage } from '../config/provider-packages.ts';
import { builtin } from '../platform/platform.ts';
import type { Warn } from '../report/warnings.ts';
import { autoInstrumentation } from './auto-state.ts';
import { type Core, core } from './core.ts';

/** Patches the packages; `onBundled` hears that we run inside a bundle. Returns how to take it back. */
export type AutoInstrument = (
  core: Core,
  packages: readonly ProviderPackage[],
  onBundled: () => void,
) => () => void;

export function startAuto(packages: readonly ProviderPackage[], warn: Warn): void {
  stopAuto();
  const node = builtin('node:module');
  if (packages.length === 0 || !node) return;
  const onBundled = (): void => {
    // Whoever has taken the cure by the end of this turn needs no advice.
    setTimeout(() => {
      if (!autoInstrumentation.isInstrumenting) warn('bundled', CURE);
    });
  };
  try {
    const here = import.meta.url;
    const file = `./auto-instrument.${here.endsWith('.ts') ? 'ts' : 'cjs'}`;
    const { autoInstrument } = node.createRequire(here)(file) as { autoInstrument: AutoInstrument };
    autoInstrumentation.stop = autoInstrument(core, packages, onBundled);
  } catch {
    onBundled();
  }
}

export function stopAuto(): void {
  autoInstrumentation.stop?.();
  autoInstrumentation.stop = undefined;
}

const CURE =
  'autoInstrument does not reach into a bundle: wrap each client, as in instrument(new OpenAI()), or ' +
  'leave agensight and the provider packages out of the bundle; autoInstrument: false if there are none';
