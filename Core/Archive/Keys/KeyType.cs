using AMA.Archive.Ids;

namespace AMA.Archive.Keys;

/// <summary>What a key is for (docs/formats/AMK1.md, "Types"). The numbers stand in every wrapped key.</summary>
public enum KeyType : byte
{
    RegionRoot = 1,
    Erasure = 2,
    Store = 3,
    Signing = 4,
    Authority = 5,
    LogSigning = 6,
    Tenant = 7,
    EpochTree = 8,
    Index = 9,
    Identity = 10,
    Audit = 11,
    Partition = 12,
    Queue = 13,
    Recovery = 14,
    State = 15,

    /// <summary>A key of a software key root (docs/formats/key-roots.md).</summary>
    Root = 16,
}

/// <summary>The text that a wrapped key is bound to: <c>ama/v1|type|region|tenant|class|epoch|gen</c>.</summary>
public static class KeyContext
{
    public static string Of(
        KeyType type, Region region, TenantId? tenant = null, ushort? retentionClass = null, uint? epoch = null,
        uint? generation = null) =>
        $"ama/v1|{Text(type)}|{region.Text()}|{tenant}|{retentionClass}|{epoch}|{generation}";

    /// <summary>The short name of crypto texts: "tkek", "ekt" and so on.</summary>
    public static string Text(KeyType type) => type switch
    {
        KeyType.RegionRoot => "rkek",
        KeyType.Erasure => "edk",
        KeyType.Store => "skek",
        KeyType.Signing => "csk",
        KeyType.Authority => "ca",
        KeyType.LogSigning => "lsk",
        KeyType.Tenant => "tkek",
        KeyType.EpochTree => "ekt",
        KeyType.Index => "ixk",
        KeyType.Identity => "idk",
        KeyType.Audit => "auk",
        KeyType.Partition => "pdk",
        KeyType.Queue => "qsk",
        KeyType.Recovery => "drk",
        KeyType.State => "state",
        KeyType.Root => "root",
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "unknown key type"),
    };
}
