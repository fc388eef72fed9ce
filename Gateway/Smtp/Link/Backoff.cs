using AMA.Archive.Ids;

namespace AMA.Gateway.Smtp.Link;

/// <summary>
/// Waits between tries: doubling from <see cref="WaitMin"/> to <see cref="WaitMax"/>, each shortened by up to a half at
/// random, so that gateways which lost the same cluster don't all come back at once.
/// </summary>
internal sealed class Backoff(IRandom random, TimeProvider time)
{
    public static readonly TimeSpan WaitMin = TimeSpan.FromMilliseconds(200);
    public static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(5);

    private int _failures;

    public DateTimeOffset Now => time.GetUtcNow();

    public Guid NextId() => random.NextId();

    public void Succeeded() => _failures = 0;

    /// <summary>How many in a row it is now.</summary>
    public int Failed() => ++_failures;

    public Task WaitAsync(CancellationToken cancel)
    {
        Span<byte> dice = stackalloc byte[1];
        random.Fill(dice);
        var doubled = WaitMin * Math.Pow(2, Math.Min(_failures, 10) - 1);
        var full = doubled < WaitMax ? doubled : WaitMax;
        return Task.Delay(full * (1 - dice[0] / 512.0), time, cancel);
    }
}
