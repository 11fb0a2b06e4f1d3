"""Poseidon2 of width 16 over the field KoalaBear, for the chain of receipt cores.

The constants are derived here instead of copied: the round constants come out of the Grain LFSR of the Poseidon paper
(https://eprint.iacr.org/2019/458, appendix E) with the parameters of Poseidon2 (https://eprint.iacr.org/2023/323), so
that nobody could have chosen them; the diagonal of the internal matrix is the one that Plonky3 chose for KoalaBear.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

P = 2**31 - 2**24 + 1
WIDTH = 16
EXTERNAL_ROUNDS = 8
INTERNAL_ROUNDS = 20

State = list[int]


def _grain_bits() -> Iterator[int]:
    """The bits of the self-shrinking Grain LFSR, seeded with what it is for."""
    # Field of prime order, S-box x^alpha, bits of the modulus, width, rounds; then ones.
    seed = ((1, 2), (0, 4), (P.bit_length(), 12), (WIDTH, 12), (EXTERNAL_ROUNDS, 10), (INTERNAL_ROUNDS, 10))
    register = 0
    for value, bits in (*seed, (2**30 - 1, 30)):
        register = register << bits | value

    def clock() -> int:
        nonlocal register
        # The bit that came first is the highest of the 80.
        new = 0
        for tap in (0, 13, 23, 38, 51, 62):
            new ^= register >> (79 - tap)
        new &= 1
        register = (register << 1 | new) & (2**80 - 1)
        return new

    for _ in range(160):
        clock()
    while True:
        if clock():
            yield clock()
        else:
            clock()


def _grain_elements() -> Iterator[int]:
    """Field elements: as many bits as the modulus has, again if they are too large for it."""
    bits = _grain_bits()
    while True:
        value = 0
        for _ in range(P.bit_length()):
            value = value << 1 | next(bits)
        if value < P:
            yield value


def _round_constants() -> tuple[list[State], list[int], list[State]]:
    elements = _grain_elements()

    def external() -> list[State]:
        return [[next(elements) for _ in range(WIDTH)] for _ in range(EXTERNAL_ROUNDS // 2)]

    initial = external()
    internal = [next(elements) for _ in range(INTERNAL_ROUNDS)]
    return initial, internal, external()


def _fraction(numerator: int, halvings: int) -> int:
    return numerator * pow(2, -halvings, P) % P


INITIAL_CONSTANTS, INTERNAL_CONSTANTS, FINAL_CONSTANTS = _round_constants()

EXTERNAL_MATRIX = ((2, 3, 1, 1), (1, 2, 3, 1), (1, 1, 2, 3), (3, 1, 1, 2))

INTERNAL_DIAGONAL = [
    _fraction(numerator, halvings)
    for numerator, halvings in (
        *((-2, 0), (1, 0), (2, 0), (1, 1), (3, 0), (4, 0), (-1, 1), (-3, 0)),
        *((-4, 0), (1, 8), (1, 3), (1, 24), (-1, 8), (-1, 3), (-1, 4), (-1, 24)),
    )
]

_REST_OF_DIAGONAL = INTERNAL_DIAGONAL[1:]


def _outer(s: State) -> State:
    """The external matrix: each block of four times `EXTERNAL_MATRIX`, then the sum of the blocks added to each."""
    mixed: State = []
    for block in (0, 4, 8, 12):
        a, b, c, d = s[block : block + 4]
        total = a + b + c + d
        mixed += (total + a + b + b, total + b + c + c, total + c + d + d, total + d + a + a)
    m0, m1, m2, m3, m4, m5, m6, m7, m8, m9, m10, m11, m12, m13, m14, m15 = mixed
    t0 = m0 + m4 + m8 + m12
    t1 = m1 + m5 + m9 + m13
    t2 = m2 + m6 + m10 + m14
    t3 = m3 + m7 + m11 + m15
    return [
        *(m0 + t0, m1 + t1, m2 + t2, m3 + t3, m4 + t0, m5 + t1, m6 + t2, m7 + t3),
        *(m8 + t0, m9 + t1, m10 + t2, m11 + t3, m12 + t0, m13 + t1, m14 + t2, m15 + t3),
    ]


def _external_rounds(s: State, constants: list[State]) -> State:
    # Sums stay unreduced until the next cube: Python has room for them.
    for row in constants:
        s = _outer([(x := v + c) * x * x % P for v, c in zip(s, row)])
    return s


def permute(s: Sequence[int]) -> State:
    """P of the documentation."""
    s = _external_rounds(_outer(list(s)), INITIAL_CONSTANTS)
    first, *rest = (v % P for v in s)
    for constant in INTERNAL_CONSTANTS:
        x = first + constant
        first = x * x * x % P
        others = sum(rest)
        total = first + others
        first = (others - first) % P  # d₀ is −2
        rest = [(d * v + total) % P for d, v in zip(_REST_OF_DIAGONAL, rest)]
    return [v % P for v in _external_rounds([first, *rest], FINAL_CONSTANTS)]


def compress(s: Sequence[int]) -> State:
    """C of the documentation: half of P(s) + s, which cannot be run backwards as P alone can."""
    return [(a + b) % P for a, b in zip(permute(s)[: WIDTH // 2], s)]
