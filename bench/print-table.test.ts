import { expect, it } from 'vitest';
import { printTable } from './print-table.ts';

it('a table is aligned: words to the left, numbers to the right', () => {
  const table = {
    title: 'Fruit',
    columns: ['name', 'grams'],
    rows: [
      ['apple', 95],
      ['watermelon', 9000],
    ],
    notes: ['weighed once'],
  };
  expect(printTable(table)).toBe(
    'Fruit\n\nname        grams\n----------  -----\napple          95\nwatermelon   9000\nnote: weighed once\n',
  );
});
