using System.Buffers;
using AMA.Gateway.Smtp.Receiving;
using Xunit;

namespace AMA.Tests.Unit.Gateway.Smtp;

public sealed class HeldBytesTests
{
    [Fact]
    public void WhatWasWritten_ComesBack_AcrossChunks()
    {
        const int seed = 3;
        var random = new Random(seed);
        var budget = new HeldBudget(long.MaxValue);
        using var held = new HeldBytes(budget);
        var all = new byte[400_000];
        random.NextBytes(all);
        for (var at = 0; at < all.Length;)
        {
            var count = Math.Min(random.Next(1, 30_000), all.Length - at);
            held.Write(all.AsSpan(at, count));
            at += count;
        }
        Assert.Equal(all, held.AsSequence().ToArray());
        Assert.Equal(all.Length, held.Length);
        Assert.InRange(budget.Held, all.Length, all.Length * 2);
    }

    [Fact]
    public void Cleared_TheMemoryIsWiped_BeforeAnybodyElseGetsIt()
    {
        var budget = new HeldBudget(100);
        var held = new HeldBytes(budget);
        held.Write("a secret line"u8);
        var memory = held.AsSequence().First;
        Assert.True(budget.IsExceeded);
        held.Clear();
        Assert.Equal(new byte[memory.Length], memory.ToArray());
        Assert.Equal(0, budget.Held);
        Assert.True(held.AsSequence().IsEmpty);
    }
}
