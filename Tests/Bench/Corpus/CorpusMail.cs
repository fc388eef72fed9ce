using System.Text;
using AMA.Adapters.Submission;

namespace AMA.Tests.Bench.Corpus;

/// <summary>Real mail, CRLF, in a fixed mixed order.</summary>
public sealed class CorpusMail
{
    private const int OrderSeed = 20261123;

    private CorpusMail(IReadOnlyList<ReadOnlyMemory<byte>> messages) => Messages = messages;

    public IReadOnlyList<ReadOnlyMemory<byte>> Messages { get; }
    public long Bytes => Messages.Sum(m => (long)m.Length);

    /// <summary>Throws <see cref="DirectoryNotFoundException"/> when there is no corpus.</summary>
    public static async Task<CorpusMail> ReadAsync(string corpus, int count)
    {
        // The mboxrd repeats 600 messages of the list: each message once.
        var files = Directory.GetFiles(Path.Combine(corpus, "ordinary"), "*.tar.gz").Order(StringComparer.Ordinal);
        var found = new List<ReadOnlyMemory<byte>>();
        await foreach (var message in MessageSources.EnumerateAsync(files, new(), CancellationToken.None))
            found.Add(CrlfForm.Of(message.Bytes));
        ReadOnlyMemory<byte>[] mixed = [.. found];
        new Random(OrderSeed).Shuffle(mixed);
        return new([.. Enumerable.Range(0, count).Select(i => Copy(mixed, i))]);
    }

    /// <summary>Beyond the corpus every copy is a different message, by a header in front.</summary>
    private static ReadOnlyMemory<byte> Copy(ReadOnlyMemory<byte>[] mail, int number)
    {
        var message = mail[number % mail.Length];
        if (number < mail.Length) return message;
        byte[] header = Encoding.ASCII.GetBytes($"X-Bench: {number}\r\n");
        return (byte[])[.. header, .. message.Span];
    }
}
