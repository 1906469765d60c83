import type { Frame } from './picture.ts';
import { paintSolid } from './solid.ts';

export interface SceneDetails {
  width: number;
  height: number;
  prompt: string;
  seed: string;
  steps: number;
  model: string;
  clarity: number;
}

export function paintScene(details: SceneDetails, index: number): Frame {
  return paintSolid({ ...details, color: 0x334455 + index });
}
