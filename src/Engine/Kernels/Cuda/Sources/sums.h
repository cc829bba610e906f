// Sums over a warp and a block, always in the same order.
#pragma once

// The sum over groups of LANES neighbouring lanes, given to all of them.
template <int LANES>
DEVICE float sum_over(float value)
{
    for (int mask = LANES / 2; mask > 0; mask /= 2)
    {
        value += across(value, mask);
    }

    return value;
}

// Four sums over a warp for six exchanges instead of twenty: lanes share the work. Gives row lane / 8.
DEVICE float sum_of_four(const float* rows)
{
    bool upper = lane() & 16;
    float first = (upper ? rows[2] : rows[0]) + across(upper ? rows[0] : rows[2], 16);
    float second = (upper ? rows[3] : rows[1]) + across(upper ? rows[1] : rows[3], 16);
    bool odd = lane() & 8;
    return sum_over<8>((odd ? second : first) + across(odd ? first : second, 8));
}

// The sum over the block, given to all. Holds the block twice.
DEVICE float sum_over_block(float value)
{
    SHARED float parts[WARPS];
    value = sum_over<WARP>(value);
    barrier();   // the parts of a sum before this one are read
    if (lane() == 0)
    {
        parts[warp()] = value;
    }

    barrier();
    float sum = parts[0];
    for (int i = 1; i < WARPS; i++)
    {
        sum += parts[i];
    }

    return sum;
}
