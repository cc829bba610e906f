// From logits to the next token, where they are: a step that follows needs no host.
#pragma once

typedef unsigned long long Word64;

// How one row's token is chosen, and how many were.
struct Choice
{
    float temperature, topP;    // 0: the most likely token; 1: no cut
    int topK, step;             // 0: no cut; place in the history
    Word64 seed, drawn;         // numbers of the generator that are used up
};

struct Choose
{
    const float* logits;        // [B, V]
    const unsigned* forbidden;  // a bit per token, or null
    Choice* rows;               // [B]
    int* tokens;                // [B]: what the next step reads
    int* history;               // [steps, B]: what was chosen; -1 where a logit is not a number or nothing is allowed
    int size;                   // V
};

// One row's logits without the forbidden ones.
struct Row
{
    const float* logits;
    const unsigned* forbidden;
    int size;

    DEVICE_MEMBER float at(int i) const { return forbidden && forbidden[i / 32] >> i % 32 & 1 ? -__builtin_inff() : logits[i]; }
};

struct Best { float value; int token; };

DEVICE Best better(Best x, Best y) { return y.value > x.value || (y.value == x.value && y.token < x.token) ? y : x; }

// The largest logit and the first token that has it, given to the whole block; token -1 if one is not a number, or if all are minus infinity.
DEVICE Best best_of(const Row& row)
{
    SHARED Best parts[WARPS];
    Best best = {-__builtin_inff(), row.size};
    bool strange = false;
    for (int i = thread(); i < row.size; i += THREADS)
    {
        float x = row.at(i);
        strange |= x != x;
        best = better(best, {x, i});
    }

    best.token = ballot(strange) != 0 ? -1 : best.token;   // less than every token, and kept below
    for (int mask = WARP / 2; mask > 0; mask /= 2)
    {
        best = better(best, {across(best.value, mask), across(best.token, mask)});
    }

    best.value = ballot(strange) != 0 ? __builtin_inff() : best.value;
    barrier();
    if (lane() == 0)
    {
        parts[warp()] = best;
    }

    barrier();
    best = parts[0];
    for (int i = 1; i < WARPS; i++)
    {
        best = better(best, parts[i]);
    }

    best.token = best.value == -__builtin_inff() ? -1 : best.token;
    return best;
}

// The sum of what this thread and those before it bring. Holds the block.
DEVICE Word64 sum_to_here(Word64 value)
{
    SHARED Word64 sums[THREADS];
    barrier();
    sums[thread()] = value;
    barrier();
    for (int distance = 1; distance < THREADS; distance *= 2)
    {
        Word64 more = thread() >= distance ? sums[thread() - distance] : 0;
        barrier();
        sums[thread()] += more;
        barrier();
    }

    return sums[thread()];
}

// The value that all threads get from the one that has it.
DEVICE Word64 from_one(bool mine, Word64 value)
{
    SHARED Word64 shared;
    barrier();
    if (mine)
    {
        shared = value;
    }

    barrier();
    return shared;
}

DEVICE Word64 sum_of_all(Word64 value)
{
    value = sum_to_here(value);
    return from_one(thread() == THREADS - 1, value);
}

// The bits at which a descending order of items is cut so that what stands before has at least the wanted mass: a digit of the bits at a time, the mass of each digit's items
// in a bin. Masses are integers, so their sums do not depend on who comes first. wanted: at least 1; becomes how much of the items with just these bits is needed.
template <class Bits, class Mass>
DEVICE unsigned cut(Bits bits, Mass mass, int count, Word64& wanted)
{
    SHARED Word64 bins[THREADS];
    unsigned found = 0;
    for (int shift = 24; shift >= 0; shift -= 8)
    {
        barrier();
        bins[thread()] = 0;
        barrier();
        for (int i = thread(); i < count; i += THREADS)
        {
            unsigned item = bits(i);
            if (shift == 24 || item >> (shift + 8) == found >> (shift + 8))
            {
                __atomic_fetch_add(&bins[item >> shift & 255], mass(i), __ATOMIC_RELAXED);
            }
        }

        barrier();
        Word64 own = bins[THREADS - 1 - thread()], all = sum_to_here(own);   // the largest digit first
        bool mine = all >= wanted && all - own < wanted;
        found |= (unsigned)from_one(mine, THREADS - 1 - thread()) << shift;
        wanted = from_one(mine, wanted - (all - own));
    }

    return found;
}

// The generator's number n as 53 bits (SplitMix64: Steele, Lea and Flood, 2014): any of them without those before.
DEVICE Word64 random_bits(Word64 seed, Word64 n)
{
    Word64 z = seed + (n + 1) * 0x9e3779b97f4a7c15ull;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ z >> 27) * 0x94d049bb133111ebull;
    return (z ^ z >> 31) >> 11;
}

// RWKV's order: top-p over the untempered probabilities (all that tie with the last are kept), top-k, the temperature, the draw in the order of tokens.
DEVICE int draw(const Row& row, const Choice& choice, float largest)
{
    // A probability times a constant: the largest is 1, as integers 2^40, so that 2^24 of them have a sum.
    constexpr float ONE = 1099511627776.0f;
    auto weight = [=](int i) { float x = row.at(i); return x == -__builtin_inff() ? 0.0f : exponential(x - largest); };
    auto bits = [=](int i) { return __builtin_bit_cast(unsigned, weight(i)); };
    auto mass = [=](int i) { return (Word64)(weight(i) * ONE); };

    unsigned least = 1;                  // a weight of no bits is none
    Word64 equals = ~0ull;               // of the weights with just these bits, how many are kept
    if (choice.topP < 1)
    {
        Word64 all = 0;
        for (int i = thread(); i < row.size; i += THREADS)
        {
            all += mass(i);
        }

        Word64 wanted = (Word64)((double)choice.topP * (double)sum_of_all(all));
        wanted = wanted < 1 ? 1 : wanted;
        least = cut(bits, mass, row.size, wanted);
    }

    if (choice.topK > 0)
    {
        auto one = [=](int i) { return (Word64)(bits(i) >= least); };
        Word64 kept = 0;
        for (int i = thread(); i < row.size; i += THREADS)
        {
            kept += one(i);
        }

        if ((Word64)choice.topK < sum_of_all(kept))
        {
            equals = choice.topK;
            least = cut(bits, one, row.size, equals);
        }
    }

    // Every thread has a stretch of tokens; first the ties before it are counted, then the mass.
    int each = (row.size + THREADS - 1) / THREADS, first = thread() * each, last = first + each < row.size ? first + each : row.size;
    Word64 ties = 0;
    for (int i = first; i < last; i++)
    {
        ties += bits(i) == least;
    }

    Word64 before = sum_to_here(ties) - ties;
    auto tempered = [=](int i, Word64& tie)
    {
        unsigned item = bits(i);
        bool kept = item > least || (item == least && tie < equals);
        tie += item == least;
        return kept ? (Word64)(exponential((row.at(i) - largest) / choice.temperature) * ONE) : 0;
    };
    Word64 own = 0, tie = before;
    for (int i = first; i < last; i++)
    {
        own += tempered(i, tie);
    }

    Word64 to = sum_to_here(own), total = from_one(thread() == THREADS - 1, to);
    Word64 point = (Word64)((unsigned __int128)random_bits(choice.seed, choice.drawn) * total >> 53);
    bool mine = point < to && point >= to - own;
    int token = 0;
    if (mine)
    {
        Word64 sum = to - own;
        tie = before;
        for (token = first; token < last; token++)
        {
            sum += tempered(token, tie);
            if (point < sum)
            {
                break;
            }
        }
    }

    return (int)from_one(mine, (Word64)token);
}

// Grid: (B). Bound by latency: a block goes over one row of logits, which lies in L2, once for the most likely token and about a dozen times for a draw.
KERNEL(choose, Choose)
{
    Row row = {a.logits + (long long)block_x() * a.size, a.forbidden, a.size};
    Choice choice = a.rows[block_x()];
    Best best = best_of(row);
    int token = best.token;
    if (token >= 0 && choice.temperature > 0 && best.value < __builtin_inff())
    {
        token = draw(row, choice, best.value);
        choice.drawn++;
    }

    barrier();
    if (thread() == 0)
    {
        a.history[(long long)choice.step * blocks_x() + block_x()] = token;
        a.tokens[block_x()] = token < 0 ? 0 : token;
        choice.step++;
        a.rows[block_x()] = choice;
    }
}
