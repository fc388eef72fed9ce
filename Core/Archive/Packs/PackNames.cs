using AMA.Archive.Retention;

namespace AMA.Archive.Packs;

/// <summary>Blob names of packs, the same in the primary store and in Backup.</summary>
public static class PackNames
{
    /// <summary>"packs/{tenant}/{class}-{epoch}/{pack}.amp1".</summary>
    public static string Of(RetentionPart part, Guid packId) => $"{PrefixOf(part)}{packId:N}.amp1";

    /// <summary>The prefix of all packs of a part.</summary>
    public static string PrefixOf(RetentionPart part) => $"packs/{part.Tenant}/{part.Class}-{part.Epoch}/";
}
