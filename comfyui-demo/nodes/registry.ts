import { atLeast, type Version } from '../versions/profile.ts';
import { CONDITIONING_NODES } from './conditioning.ts';
import { IMAGE_NODES } from './images.ts';
import { LATENT_NODES } from './latents.ts';
import { LOADER_NODES } from './loaders.ts';
import { SAMPLING_NODES } from './sampling.ts';
import type { NodeSpec } from './spec.ts';
import { TEST_NODES } from './tests.ts';

export type Registry = ReadonlyMap<string, NodeSpec>;

const STOCK: readonly NodeSpec[] = [
  ...SAMPLING_NODES,
  ...LOADER_NODES,
  ...CONDITIONING_NODES,
  ...LATENT_NODES,
  ...IMAGE_NODES,
];

/** The node classes that a version has. */
export function createRegistry({
  version,
  testNodes = false,
}: {
  version: Version;
  testNodes?: boolean;
}): Registry {
  const known = [...STOCK, ...(testNodes ? TEST_NODES : [])];
  const present = known.filter(({ since }) => since === undefined || atLeast(version, since));
  return new Map(present.map((spec) => [spec.name, spec]));
}
