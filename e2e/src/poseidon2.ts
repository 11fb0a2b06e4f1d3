/**
 * Poseidon2 of width 16 over the field KoalaBear, for the chain of receipt cores.
 *
 * The round constants come out of the Grain LFSR of the Poseidon paper (https://eprint.iacr.org/2019/458, appendix E),
 * so that nobody could have chosen them; the internal diagonal is Plonky3's for KoalaBear.
 */

export const P = 2n ** 31n - 2n ** 24n + 1n;

const WIDTH = 16;
const HALF_OF_EXTERNAL_ROUNDS = 4;
const INTERNAL_ROUNDS = 20;
const FIELD_BITS = 31;

/** The LFSR's bits of which every second one decides whether the next counts. */
function* grainBits(): Generator<number> {
  const bits: number[] = [];
  const seed = (value: number, length: number): void => {
    for (let bit = length - 1; bit >= 0; bit--) bits.push((value >> bit) & 1);
  };
  seed(1, 2); // a field of prime order
  seed(0, 4); // the S-box is a power
  seed(FIELD_BITS, 12);
  seed(WIDTH, 12);
  seed(2 * HALF_OF_EXTERNAL_ROUNDS, 10);
  seed(INTERNAL_ROUNDS, 10);
  seed(2 ** 30 - 1, 30);

  const clock = (): number => {
    const start = bits.length - 80;
    const next = [0, 13, 23, 38, 51, 62].reduce((sum, tap) => sum ^ bits[start + tap]!, 0);
    bits.push(next);
    return next;
  };
  for (let discarded = 0; discarded < 160; discarded++) clock();
  for (;;) {
    const counts = clock();
    const bit = clock();
    if (counts) yield bit;
  }
}

function* grainElements(): Generator<bigint> {
  const bits = grainBits();
  for (;;) {
    let value = 0n;
    for (let bit = 0; bit < FIELD_BITS; bit++) value = (value << 1n) | BigInt(bits.next().value as number);
    if (value < P) yield value;
  }
}

const elements = grainElements();
const take = (count: number): bigint[] => Array.from({ length: count }, () => elements.next().value as bigint);
const takeRounds = (): bigint[][] => Array.from({ length: HALF_OF_EXTERNAL_ROUNDS }, () => take(WIDTH));

export const INITIAL_CONSTANTS = takeRounds();
export const INTERNAL_CONSTANTS = take(INTERNAL_ROUNDS);
export const FINAL_CONSTANTS = takeRounds();

export const EXTERNAL_MATRIX = [
  [2n, 3n, 1n, 1n],
  [1n, 2n, 3n, 1n],
  [1n, 1n, 2n, 3n],
  [3n, 1n, 1n, 2n],
];

const reduce = (value: bigint): bigint => ((value % P) + P) % P;

/** 2 to the power of minus `bits`: one half is (p + 1) / 2. */
function halved(bits: number): bigint {
  let value = 1n;
  for (let bit = 0; bit < bits; bit++) value = reduce(value * ((P + 1n) / 2n));
  return value;
}

export const INTERNAL_DIAGONAL = [
  ...[-2n, 1n, 2n, halved(1), 3n, 4n, -halved(1), -3n, -4n],
  ...[halved(8), halved(3), halved(24), -halved(8), -halved(3), -halved(4), -halved(24)],
].map(reduce);

const cube = (value: bigint): bigint => (value * value * value) % P;

function outer(state: bigint[]): bigint[] {
  const mixed = state.map((_, place) => {
    const [a, b, c, d] = EXTERNAL_MATRIX[place % 4]!;
    const block = place - (place % 4);
    return a! * state[block]! + b! * state[block + 1]! + c! * state[block + 2]! + d! * state[block + 3]!;
  });
  const columns = [0, 1, 2, 3].map((place) => {
    return mixed[place]! + mixed[4 + place]! + mixed[8 + place]! + mixed[12 + place]!;
  });
  return mixed.map((value, place) => (value + columns[place % 4]!) % P);
}

function externalRounds(state: bigint[], constants: bigint[][]): bigint[] {
  return constants.reduce((s, row) => outer(s.map((value, place) => cube(value + row[place]!))), state);
}

/** P of the documentation. */
export function permute(input: readonly bigint[]): bigint[] {
  let state = externalRounds(outer([...input]), INITIAL_CONSTANTS);
  for (const constant of INTERNAL_CONSTANTS) {
    state[0] = cube(state[0]! + constant);
    const sum = state.reduce((total, value) => total + value, 0n);
    state = state.map((value, place) => (INTERNAL_DIAGONAL[place]! * value + sum) % P);
  }
  return externalRounds(state, FINAL_CONSTANTS);
}

/** C of the documentation: half of P(s) + s, which cannot be run backwards as P alone can. */
export function compress(input: readonly bigint[]): bigint[] {
  return permute(input)
    .slice(0, WIDTH / 2)
    .map((value, place) => (value + input[place]!) % P);
}
