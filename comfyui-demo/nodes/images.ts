import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { loadedPicture, pictureFrames, solidPicture } from '../image/picture.ts';
import { PREVIEW_STEM } from '../storage/folders.ts';
import { saveFrames } from '../storage/save.ts';
import type { Arguments, Catalog, InputSpec, NodeSpec, Outcome, RunContext } from './spec.ts';
import { take, takeNumber, takeText } from './spec.ts';

const size = (name: string): InputSpec => ({
  name,
  type: 'INT',
  config: { default: 512, min: 1, max: 8192, step: 1 },
  configSince: ['0.3.12', { max: 16384 }],
});

const METADATA: readonly InputSpec[] = [
  { name: 'prompt', type: 'PROMPT', section: 'hidden' },
  { name: 'extra_pnginfo', type: 'EXTRA_PNGINFO', section: 'hidden' },
];

export const emptyImage: NodeSpec = {
  name: 'EmptyImage',
  category: 'image',
  inputs: [
    size('width'),
    size('height'),
    { name: 'batch_size', type: 'INT', config: { default: 1, min: 1, max: 4096 } },
    {
      name: 'color',
      type: 'INT',
      config: { default: 0, min: 0, max: 0xffffff, step: 1, display: 'color' },
    },
  ],
  outputs: ['IMAGE'],
  run: (args) => ({
    values: [
      {
        kind: 'IMAGE',
        picture: solidPicture({
          width: takeNumber(args, 'width'),
          height: takeNumber(args, 'height'),
          count: takeNumber(args, 'batch_size', 1),
          color: takeNumber(args, 'color'),
        }),
      },
    ],
  }),
};

async function write(
  args: Arguments,
  context: RunContext,
  where: { type: 'output' | 'temp'; prefix: string; level: number },
): Promise<Outcome> {
  const { picture } = take(args, 'images', 'IMAGE');
  const images = await saveFrames({
    ...where,
    folders: context.folders,
    frames: pictureFrames(picture),
    metadata: context.embedMetadata ? { prompt: context.graph, extra: context.extra } : null,
  });
  return { shown: { images } };
}

export const saveImage: NodeSpec = {
  name: 'SaveImage',
  displayName: 'Save Image',
  category: 'image',
  description: 'Saves the input images to your ComfyUI output directory.',
  inputs: [
    { name: 'images', type: 'IMAGE', tooltip: 'The images to save.' },
    {
      name: 'filename_prefix',
      type: 'STRING',
      config: { default: 'ComfyUI' },
      tooltip:
        'The prefix for the file to save. This may include formatting information such as %date:yyyy-MM-dd% or %Empty Latent Image.width% to include values from nodes.',
    },
    ...METADATA,
  ],
  outputs: [],
  outputNode: true,
  run: (args, context) =>
    write(args, context, { type: 'output', prefix: takeText(args, 'filename_prefix'), level: 4 }),
};

/** Names of previews end in five random letters, so that runs do not overwrite one another's. */
const randomSuffix = (): string =>
  Array.from({ length: 5 }, () => String.fromCharCode(97 + Math.floor(Math.random() * 26))).join('');
const PREVIEW_PREFIX = `${PREVIEW_STEM}_${randomSuffix()}`;

export const previewImage: NodeSpec = {
  name: 'PreviewImage',
  displayName: 'Preview Image',
  category: 'image',
  description: 'Saves the input images to your ComfyUI output directory.',
  inputs: [{ name: 'images', type: 'IMAGE' }, ...METADATA],
  outputs: [],
  outputNode: true,
  run: (args, context) => write(args, context, { type: 'temp', prefix: PREVIEW_PREFIX, level: 1 }),
};

const imageFiles = ({ folders }: Catalog): readonly string[] => folders.imageFiles();

export const loadImage: NodeSpec = {
  name: 'LoadImage',
  displayName: 'Load Image',
  category: 'image',
  inputs: [{ name: 'image', type: imageFiles, config: { image_upload: true } }],
  outputs: ['IMAGE', 'MASK'],
  customInputs: ['image'],
  customCheck: ({ image }, { folders }) =>
    folders.annotated(String(image)) !== null ? true : `Invalid image file: ${String(image)}`,
  fingerprint: ({ image }, { folders }) => {
    const path = folders.annotated(String(image));
    if (path === null || !statSync(path, { throwIfNoEntry: false })?.isFile()) return '';
    return createHash('sha256').update(readFileSync(path)).digest('hex');
  },
  run: async (args, { folders }) => {
    const name = takeText(args, 'image');
    const path = folders.annotated(name);
    if (path === null) throw new Error(`Invalid image file: ${name}`);
    return { values: [{ kind: 'IMAGE', picture: await loadedPicture(path) }, { kind: 'MASK' }] };
  },
};

export const IMAGE_NODES: readonly NodeSpec[] = [saveImage, previewImage, loadImage, emptyImage];
