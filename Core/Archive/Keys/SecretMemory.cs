using System.Numerics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace AMA.Archive.Keys;

/// <summary>
/// Where key bytes lie: pages of their own, that the collector never moves, the kernel never swaps out, a core dump
/// leaves out and a forked child doesn't get. Small keys share a few such pages, for a process may lock 8 MiB by
/// default. A slot is zeroed when it comes back, and given out again only when a whole slab's worth came back after it:
/// whoever still reads its span then reads zeros, and never the next owner's key.
/// </summary>
/// <remarks>
/// The pages are arrays of the runtime, so that whoever holds a span over its disposal sees zeros and never crashes. They
/// are never given back; slots of secrets that nobody disposed of stay taken, for a finaliser could run while their span is
/// still read.
/// </remarks>
internal static partial class SecretMemory
{
    private const int PageBytes = 4_096;
    private const int SlabBytes = 16 * PageBytes;
    private const int SlotBytesMin = 32;
    private const int SlotBytesMax = PageBytes;

    private static readonly Lock Gate = new();
    private static readonly Dictionary<int, Queue<ArraySegment<byte>>> Fresh = [];
    private static readonly Dictionary<int, Queue<ArraySegment<byte>>> Returned = [];
    private static volatile bool _refused;

    /// <summary>False once the system refused to lock some page: then key bytes may reach swap.</summary>
    public static bool IsLocked => !_refused;

    public static ArraySegment<byte> Take(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        if (length > SlotBytesMax) return Guarded((length + PageBytes - 1) / PageBytes * PageBytes)[..length];
        lock (Gate)
        {
            var size = SizeOf(length);
            var fresh = QueueOf(Fresh, size);
            var returned = QueueOf(Returned, size);
            if (fresh.Count == 0 && returned.Count > SlabBytes / size) return returned.Dequeue()[..length];
            if (fresh.Count == 0) Cut(Guarded(SlabBytes), size, fresh);
            return fresh.Dequeue()[..length];
        }
    }

    /// <summary>Zeroes; nobody may use the bytes any more.</summary>
    public static void Return(ArraySegment<byte> bytes)
    {
        CryptographicOperations.ZeroMemory(bytes);
        if (bytes.Count > SlotBytesMax)
        {
            Release(bytes);
            return;
        }
        var size = SizeOf(bytes.Count);
        lock (Gate) QueueOf(Returned, size).Enqueue(new(bytes.Array!, bytes.Offset, size));
    }

    private static Queue<ArraySegment<byte>> QueueOf(Dictionary<int, Queue<ArraySegment<byte>>> queues, int size) =>
        queues.TryGetValue(size, out var slots) ? slots : queues[size] = new();

    private static int SizeOf(int length) =>
        (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(length, SlotBytesMin));

    private static void Cut(ArraySegment<byte> slab, int size, Queue<ArraySegment<byte>> slots)
    {
        for (var at = 0; at < slab.Count; at += size) slots.Enqueue(slab.Slice(at, size));
    }

    /// <summary>Whole pages inside a pinned array, so that nothing else lies on them.</summary>
    private static ArraySegment<byte> Guarded(int bytes)
    {
        var array = GC.AllocateArray<byte>(bytes + PageBytes, pinned: true);
        var address = Marshal.UnsafeAddrOfPinnedArrayElement(array, 0);
        var offset = (int)((PageBytes - address % PageBytes) % PageBytes);
        Guard(address + offset, bytes);
        return new(array, offset, bytes);
    }

    private static void Guard(nint address, int bytes)
    {
        try
        {
            if (Lock(address, (nuint)bytes) != 0) _refused = true;
            _ = Advise(address, (nuint)bytes, DontDump);
            _ = Advise(address, (nuint)bytes, WipeOnFork);
        }
        catch (Exception missing) when (missing is DllNotFoundException or EntryPointNotFoundException)
        {
            _refused = true; // not Linux: nothing but pinned and zeroed
        }
    }

    /// <summary>A large one's pages go back to the collector as they came from it.</summary>
    private static void Release(ArraySegment<byte> bytes)
    {
        var pages = (bytes.Count + PageBytes - 1) / PageBytes * PageBytes;
        var address = Marshal.UnsafeAddrOfPinnedArrayElement(bytes.Array!, bytes.Offset);
        try
        {
            _ = Unlock(address, (nuint)pages);
            _ = Advise(address, (nuint)pages, DoDump);
            _ = Advise(address, (nuint)pages, KeepOnFork);
        }
        catch (Exception missing) when (missing is DllNotFoundException or EntryPointNotFoundException)
        {
            // as in Guard
        }
    }

    private const int DontDump = 16;
    private const int DoDump = 17;
    private const int WipeOnFork = 18;
    private const int KeepOnFork = 19;

    [LibraryImport("libc.so.6", EntryPoint = "mlock")]
    private static partial int Lock(nint address, nuint length);

    [LibraryImport("libc.so.6", EntryPoint = "munlock")]
    private static partial int Unlock(nint address, nuint length);

    [LibraryImport("libc.so.6", EntryPoint = "madvise")]
    private static partial int Advise(nint address, nuint length, int advice);
}
