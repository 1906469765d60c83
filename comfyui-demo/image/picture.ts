import { decodeImage } from './decode.ts';
import type { SceneDetails } from './scene.ts';

/** A picture as a recipe: its pixels are made row by row when a file or a preview is written. */
export type Picture =
  | { type: 'solid'; width: number; height: number; count: number; color: number }
  | ({ type: 'scene'; count: number } & SceneDetails)
  | { type: 'file'; width: number; height: number; count: 1; path: string };

/** One image of a picture. `rows` fills RGB bytes of `count` rows from row `first` on. */
export interface Frame {
  width: number;
  height: number;
  rows(first: number, count: number, target: Uint8Array): void;
}

type Recipe<T extends Picture['type']> = Omit<Extract<Picture, { type: T }>, 'type'>;
export const solidPicture = (recipe: Recipe<'solid'>): Picture => ({ type: 'solid', ...recipe });
export const scenePicture = (recipe: Recipe<'scene'>): Picture => ({ type: 'scene', ...recipe });

/** @throws when the file is no PNG or JPEG */
export async function loadedPicture(path: string): Promise<Picture> {
  const { width, height } = await decodeImage(path);
  return { type: 'file', width, height, count: 1, path };
}

/** The images of a picture, each made when it is asked for. */
export async function* pictureFrames(picture: Picture): AsyncGenerator<Frame> {
  for (let index = 0; index < picture.count; index++) yield await frameOf(picture, index);
}

export async function frameOf(picture: Picture, index: number): Promise<Frame> {
  if (picture.type === 'solid') return (await import('./solid.ts')).paintSolid(picture);
  if (picture.type === 'scene') return (await import('./scene.ts')).paintScene(picture, index);
  return decodeImage(picture.path);
}
