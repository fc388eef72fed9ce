namespace AMA.Tests.Fuzz;

/// <summary>Makes new inputs from old ones. The same seed makes the same ones.</summary>
internal sealed class Mutator(Random random, IReadOnlyList<byte[]> words)
{
    private const int InputBytesMax = 4_096;
    private const int StepsMax = 6;

    public byte[] From(IReadOnlyList<byte[]> corpus)
    {
        var input = corpus[random.Next(corpus.Count)].ToList();
        for (var steps = random.Next(1, StepsMax + 1); steps > 0; steps--) Mutate(input, corpus);
        return [.. input.Take(InputBytesMax)];
    }

    private void Mutate(List<byte> input, IReadOnlyList<byte[]> corpus)
    {
        var at = random.Next(input.Count + 1);
        var rest = input.Count - at;
        switch (random.Next(7))
        {
            case 0 when rest > 0:
                input[at] = (byte)random.Next(256);
                break;
            case 1 when rest > 0:
                input[at] ^= (byte)(1 << random.Next(8));
                break;
            case 2 when rest > 0:
                input.RemoveRange(at, random.Next(1, Math.Min(rest, 16) + 1));
                break;
            case 3 when rest > 0:
                input.InsertRange(random.Next(input.Count + 1), input.GetRange(at, random.Next(1, Math.Min(rest, 64) + 1)));
                break;
            case 4:
                var other = corpus[random.Next(corpus.Count)];
                input.InsertRange(at, other.AsSpan(random.Next(other.Length + 1)));
                break;
            case 5:
                input.Insert(at, (byte)random.Next(256));
                break;
            default:
                input.InsertRange(at, words[random.Next(words.Count)]);
                break;
        }
    }
}
