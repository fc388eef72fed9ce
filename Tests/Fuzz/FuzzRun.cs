using System.Runtime.InteropServices;
using System.Text;
using AMA.Tests.Fuzz.Targets;

namespace AMA.Tests.Fuzz;

/// <param name="Runs">Inputs tried.</param>
/// <param name="Kept">Inputs that reached something new, the seeds included. Only instrumented code tells.</param>
/// <param name="Bad">The first input that broke a rule, or null.</param>
internal sealed record FuzzResult(long Runs, int Kept, byte[]? Bad, Exception? Fault)
{
    public override string ToString()
    {
        var head = $"{Runs} inputs, {Kept} kept";
        if (Bad is null) return head;
        var shown = Encoding.Latin1.GetString(Bad).Replace("\r", "\\r").Replace("\n", "\\n");
        return $"{head}; {Fault!.GetType().Name}: {Fault.Message}\n{Convert.ToHexStringLower(Bad)}\n{shown}";
    }
}

/// <summary>
/// Tries mutated inputs and keeps those that reach something new in the instrumented code (SharpFuzz writes it down as
/// AFL does: pairs of blocks, with how often). Without instrumentation it is a seeded random run.
/// </summary>
internal sealed class FuzzRun(IFuzzTarget target, int seed)
{
    private const int KeptMax = 20_000;
    private readonly byte[] _seen = new byte[SharpFuzzMap.Bytes];
    private readonly List<byte[]> _corpus = [.. target.Seeds];
    private long _runs;

    /// <summary>Ends at the first finding, or when <paramref name="goesOn"/>, asked before each input, says no.</summary>
    public FuzzResult Run(Func<long, bool> goesOn)
    {
        var mutator = new Mutator(new Random(seed), target.Words);
        foreach (var input in target.Seeds)
            if (Try(input) is { } fault) return ResultOf(input, fault);
        while (goesOn(_runs))
        {
            var input = mutator.From(_corpus);
            if (Try(input) is { } fault) return ResultOf(input, fault);
            if (HasNews() && _corpus.Count < KeptMax) _corpus.Add(input);
        }
        return ResultOf(null, null);
    }

    private Exception? Try(byte[] input)
    {
        _runs++;
        SharpFuzzMap.Clear();
        try
        {
            target.Run(input);
            return null;
        }
        catch (Exception fault)
        {
            return fault;
        }
    }

    private bool HasNews()
    {
        var map = SharpFuzzMap.Counts;
        var news = false;
        for (var word = 0; word < map.Length; word += sizeof(ulong))
        {
            if (MemoryMarshal.Read<ulong>(map[word..]) == 0) continue;
            for (var at = word; at < word + sizeof(ulong); at++)
            {
                var bucket = BucketOf(map[at]);
                if ((_seen[at] & bucket) == bucket) continue;
                _seen[at] |= bucket;
                news = true;
            }
        }
        return news;
    }

    /// <summary>Once, twice, … and many times are different things; 100 and 101 times aren't.</summary>
    private static byte BucketOf(byte count) => count switch
    {
        0 => 0, 1 => 1, 2 => 2, 3 => 4, < 8 => 8, < 16 => 16, < 32 => 32, < 128 => 64, _ => 128,
    };

    private FuzzResult ResultOf(byte[]? bad, Exception? fault) => new(_runs, _corpus.Count, bad, fault);
}
