import { preview } from '../../../core/index.js';

/** A corner of a line: the score, 0 to 10, of a resource that is used to so many percent. */
export interface ShapePoint {
  readonly utilization: number;
  readonly score: number;
}

/** The highest score of a point; that of a node is 100. */
const HIGHEST = 10;

/**
 * The line through some points, flat before the first and behind the last: a whole percentage to a score of 0 to 100.
 *
 * @throws TypeError or RangeError naming the field where points are none, out of bounds or out of order.
 *
 * Source: `BuildBrokenLinearFunction` of kube-scheduler: divisions round towards zero.
 */
export function shapeOf(
  points: readonly ShapePoint[] | undefined,
  field: string,
): (percent: number) => number {
  if (points === undefined || !Array.isArray(points) || points.length === 0) {
    throw new TypeError(`${field}: expected a list that is not empty, got ${preview(points)}`);
  }
  let before = -1;
  for (const [index, { utilization, score }] of (points as readonly ShapePoint[]).entries()) {
    checkWhole(utilization, before + 1, 100, `${field}[${index}].utilization`);
    checkWhole(score, 0, HIGHEST, `${field}[${index}].score`);
    before = utilization;
  }
  const scores: number[] = [];
  for (let percent = 0; percent <= 100; percent += 1) scores.push(scoreAt(points, percent));
  return (percent) => scores[percent] as number;
}

function scoreAt(points: readonly ShapePoint[], percent: number): number {
  const at = points.findIndex(({ utilization }) => percent <= utilization);
  const right = points.at(at) as ShapePoint;
  const left = points[at - 1];
  if (left === undefined) return right.score * HIGHEST;
  const rise = (right.score - left.score) * HIGHEST;
  return (
    left.score * HIGHEST +
    Math.trunc((rise * (percent - left.utilization)) / (right.utilization - left.utilization))
  );
}

function checkWhole(value: number, least: number, most: number, field: string): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw new RangeError(`${field}: expected a whole number from ${least} to ${most}, got ${preview(value)}`);
}
