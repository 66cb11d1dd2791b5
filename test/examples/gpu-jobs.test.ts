import { describe, expect, it } from 'vitest';
import { gpuJobs } from '../../examples/gpu-jobs.js';

describe('the scheduler of GpuJobs', () => {
  it('places jobs on machines, lets them wait, and says what would be if', async () => {
    const lines: string[] = [];
    await gpuJobs((line) => lines.push(line));
    expect(lines).toEqual([
      'The jobs, and where they went:',
      '  job           gpus  machine',
      '  embed         1     b1',
      '  fine-tune     2     b1',
      '  new-kernel    1     (waits)',
      '  render        4     a2',
      '  train-llm     8     a1',
      '  train-vision  8     (waits)',
      '',
      'When train-llm has ended:',
      '  job           gpus  machine',
      '  embed         1     b1',
      '  fine-tune     2     b1',
      '  new-kernel    1     (waits)',
      '  render        4     a2',
      '  train-vision  8     a1',
      'new-kernel is unschedulable, because of Room, RecentDriver',
      '',
      'A job of 2 GPUs with data in rack b would go to b2, which is better by 175:',
      '  a1  too few gpus',
      '  a2  BestFit 75 + NearData 0          = 75',
      '  b1  too few gpus, too few gpuMemory',
      '  b2  BestFit 50 + NearData 200        = 250',
      'new-kernel would fit on a2: update the driver to 560',
      '4 more jobs of 2 GPUs fit',
      'with another machine like b1 it would be 6',
      'if b1 went away, default/embed could go to b2',
      'if b1 went away, default/fine-tune could go to b2',
    ]);
  });
});
