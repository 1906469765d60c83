import type { Profile, Version } from './profile.ts';
import { v0312 } from './v0-3-12.ts';
import { v0364 } from './v0-3-64.ts';
import { v080 } from './v0-8-0.ts';
import { v2023 } from './v2023-12.ts';

const PROFILES: Record<Version, Profile> = {
  '2023-12': v2023,
  '0.3.12': v0312,
  '0.3.64': v0364,
  '0.8.0': v080,
};

export const profileOf = (version: Version): Profile => PROFILES[version];
