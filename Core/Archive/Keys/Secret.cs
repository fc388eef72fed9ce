using System.Diagnostics;
using AMA.Archive.Ids;

namespace AMA.Archive.Keys;

/// <summary>
/// Key bytes in memory: pinned and locked (no copies by the collector, none in swap, none in a core dump), zeroed on
/// disposal, never printed. There is no way from here to a string, and no general serialiser sees the field.
/// </summary>
[DebuggerDisplay("[secret]")]
public sealed class Secret : IDisposable
{
    private readonly ArraySegment<byte> _bytes;
    private int _disposed;

    private Secret(int length) => _bytes = SecretMemory.Take(length);

    public int Length => _bytes.Count;

    /// <summary>
    /// False when the system refused to keep key bytes out of swap: the host warns of it once.
    /// </summary>
    public static bool AreLocked
    {
        get
        {
            new Secret(1).Dispose();
            return SecretMemory.IsLocked;
        }
    }

    /// <summary>The bytes, valid until disposal. Throws <see cref="ObjectDisposedException"/> after it.</summary>
    public ReadOnlySpan<byte> Span
    {
        get
        {
            ObjectDisposedException.ThrowIf(_disposed != 0, this);
            return _bytes;
        }
    }

    public bool IsDisposed => _disposed != 0;

    public static Secret Random(IRandom random, int length = 32)
    {
        var secret = new Secret(length);
        random.Fill(secret._bytes);
        return secret;
    }

    /// <summary>Copies; the caller zeroes its source.</summary>
    public static Secret Copy(ReadOnlySpan<byte> bytes)
    {
        var secret = new Secret(bytes.Length);
        bytes.CopyTo(secret._bytes.AsSpan());
        return secret;
    }

    public delegate void Filler<in T>(T state, Span<byte> destination) where T : allows ref struct;

    /// <summary>A secret whose bytes <paramref name="fill"/> writes in place.</summary>
    public static Secret Make<T>(int length, T state, Filler<T> fill) where T : allows ref struct
    {
        var secret = new Secret(length);
        fill(state, secret._bytes);
        return secret;
    }

    public Secret Clone() => Copy(Span);

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
            SecretMemory.Return(_bytes);
    }

    public override string ToString() => "[secret]";
}
