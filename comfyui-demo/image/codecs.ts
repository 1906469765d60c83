export { decodeImage } from './decode.ts';
export { encodeJpeg } from './jpeg.ts';
export { encodePng } from './png.ts';
