import { MARKS, strokesOf, UNKNOWN } from './glyphs.ts';

/** x0, y0, x1, y1 of a straight piece, in font units. */
export type Segment = readonly [number, number, number, number];
type Point = readonly [x: number, y: number];

export interface Shape {
  width: number;
  segments: readonly Segment[];
}

const CURVE_PIECES = 6;
const MARK_CENTRE = 4;
/** how far marks move up over a capital */
const CAPITAL_LIFT = 4;
const SPACE: Shape = { width: 4, segments: [] };

const readPoints = (text: string): Point[] =>
  [...text.matchAll(/(\w)(\w)/g)].map(([, x = '0', y = '0']) => [
    Number.parseInt(x, 36),
    Number.parseInt(y, 36),
  ]);

const middle = ([ax, ay]: Point, [bx, by]: Point): Point => [(ax + bx) / 2, (ay + by) / 2];

/** A quadratic curve as a broken line, without its first point. */
function bend([ax, ay]: Point, [cx, cy]: Point, [bx, by]: Point): Point[] {
  return Array.from({ length: CURVE_PIECES }, (_, index) => {
    const t = (index + 1) / CURVE_PIECES;
    const u = 1 - t;
    return [u * u * ax + 2 * u * t * cx + t * t * bx, u * u * ay + 2 * u * t * cy + t * t * by] as const;
  });
}

/** Inner points are pulls: the curve runs from middle to middle between them. */
function openCurve(points: readonly Point[]): Point[] {
  const [first, ...rest] = points;
  const last = rest.pop();
  if (!first || !last) return [...points];
  const line: Point[] = [first];
  rest.forEach((pull, index) => {
    const next = rest[index + 1];
    line.push(...bend(line.at(-1) ?? first, pull, next ? middle(pull, next) : last));
  });
  return line;
}

function closedCurve(points: readonly Point[]): Point[] {
  const at = (index: number): Point => points[index % points.length] ?? [0, 0];
  const line: Point[] = [middle(at(0), at(1))];
  points.forEach((_, index) => {
    line.push(...bend(line.at(-1) ?? at(0), at(index + 1), middle(at(index + 1), at(index + 2))));
  });
  return line;
}

function lineOf(stroke: string): Point[] {
  const points = readPoints(stroke.replace(/^[~@]/, ''));
  if (stroke.startsWith('~')) return openCurve(points);
  return stroke.startsWith('@') ? closedCurve(points) : points;
}

function segmentsOf(strokes: string): Segment[] {
  return strokes.split(' ').flatMap((stroke) => {
    const line = lineOf(stroke);
    return line.slice(1).map(([x, y], index): Segment => {
      const [fromX, fromY] = line[index] ?? [x, y];
      return [fromX, fromY, x, y];
    });
  });
}

const move = (segments: readonly Segment[], dx: number, dy: number): Segment[] =>
  segments.map(([ax, ay, bx, by]) => [ax + dx, ay + dy, bx + dx, by + dy]);

const shapes = new Map<string, Shape>();

/** The shape of one letter with its marks; a box when the font lacks it. */
export function shapeOf(cluster: string): Shape {
  const known = shapes.get(cluster);
  if (known) return known;
  const shape = makeShape(cluster);
  // Prompts can hold any of a million characters; only those of the font are worth keeping.
  if (shape.segments.length > 0 && strokesOf([...cluster][0] ?? '') !== undefined) shapes.set(cluster, shape);
  return shape;
}

function makeShape(cluster: string): Shape {
  const [letter = ' ', ...marks] = [...cluster];
  if (/^\s/u.test(letter)) return SPACE;
  const dotless = marks.length > 0 && (letter === 'i' || letter === 'і') ? 'ı' : letter;
  const segments = segmentsOf(strokesOf(dotless) ?? UNKNOWN);
  const width = Math.max(...segments.flatMap(([ax, , bx]) => [ax, bx]));
  const lift = Math.min(...segments.flatMap(([, ay, , by]) => [ay, by])) < 3 ? CAPITAL_LIFT : 0;
  const drawn = marks.flatMap((mark) => {
    const strokes = MARKS[mark];
    return strokes ? move(segmentsOf(strokes), width / 2 - MARK_CENTRE, -lift) : [];
  });
  return { width, segments: [...segments, ...drawn] };
}

/** Text cut into letters, each with the marks that follow it. */
export const clustersOf = (text: string): string[] => text.normalize('NFD').match(/\P{M}\p{M}*/gsu) ?? [];
