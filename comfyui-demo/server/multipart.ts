export interface Part {
  name: string;
  filename: string | null;
  data: Buffer;
}

const HEADER_END = Buffer.from('\r\n\r\n');

const attribute = (header: string, name: string): string | null => {
  const [, quoted, plain] =
    new RegExp(`[;\\s]${name}=(?:"((?:[^"\\\\]|\\\\.)*)"|([^;\\s]+))`, 'i').exec(header) ?? [];
  const value = quoted?.replace(/\\(.)/g, '$1') ?? plain;
  return value ?? null;
};

function parsePart(bytes: Buffer): Part | null {
  const end = bytes.indexOf(HEADER_END);
  if (end === -1) return null;
  const headers = bytes.toString('utf8', 0, end).split('\r\n');
  const disposition = headers.find((line) => /^content-disposition:/i.test(line)) ?? '';
  const name = attribute(disposition, 'name');
  if (name === null) return null;
  return {
    name,
    filename: attribute(disposition, 'filename'),
    data: bytes.subarray(end + HEADER_END.length),
  };
}

/** The parts of a multipart/form-data body; null when it is none. */
export function parseMultipart(body: Buffer, contentType: string | undefined): Part[] | null {
  if (!contentType?.toLowerCase().startsWith('multipart/form-data')) return null;
  const boundary = attribute(contentType, 'boundary');
  if (boundary === null) return null;
  const mark = Buffer.from(`--${boundary}`);
  const parts: Part[] = [];
  let from = body.indexOf(mark);
  while (from !== -1) {
    const start = from + mark.length + 2;
    const next = body.indexOf(mark, start);
    if (next === -1) break;
    const part = parsePart(body.subarray(start, next - 2));
    if (part) parts.push(part);
    from = next;
  }
  return parts;
}
