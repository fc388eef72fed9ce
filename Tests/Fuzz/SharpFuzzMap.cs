using SharpFuzz.Common;

namespace AMA.Tests.Fuzz;

/// <summary>The map into which instrumented code counts where it has been. One for the process: one run at a time.</summary>
internal static class SharpFuzzMap
{
    public const int Bytes = 1 << 16;

    private static readonly byte[] Map = GC.AllocateArray<byte>(Bytes, pinned: true);

    /// <summary>To be called before any instrumented code runs: without a map it would write to address zero.</summary>
    public static unsafe void Attach()
    {
        fixed (byte* first = Map) Trace.SharedMem = first; // pinned for good
    }

    public static ReadOnlySpan<byte> Counts => Map;

    public static void Clear()
    {
        Array.Clear(Map);
        Trace.PrevLocation = 0;
    }
}
