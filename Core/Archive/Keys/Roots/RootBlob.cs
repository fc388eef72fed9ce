using AMA.Archive.Sealing;

namespace AMA.Archive.Keys.Roots;

/// <summary>What every key root does with a blob besides its cipher; faults as a key root tells them.</summary>
public static class RootBlob
{
    /// <summary>
    /// The head of a blob of this kind of root. Fault Missing for a blob of another kind of root: this one has no such
    /// key; Tampered for everything else that is not what was wrapped so.
    /// </summary>
    /// <param name="algorithm">One of <see cref="KeyBlobFrame"/>.</param>
    public static KeyBlobHead Expect(ReadOnlyMemory<byte> blob, byte algorithm, KeyType type, string context)
    {
        try
        {
            var found = KeyBlobFrame.Peek(blob.Span).Algorithm;
            if (found != algorithm)
                throw Missing($"The blob was wrapped by another kind of key root (algorithm {found}).");
            return KeyBlobFrame.Expect(blob.Span, algorithm, type, context);
        }
        catch (SealException e)
        {
            throw Tampered(e);
        }
    }

    /// <summary>The key in what a device or vault gave back.</summary>
    public static Secret KeyIn(Secret plain, string context)
    {
        try
        {
            return KeyBlobFrame.KeyIn(plain, context);
        }
        catch (SealException e)
        {
            throw Tampered(e);
        }
    }

    public static KeyRootException Missing(string message) => new(KeyRootFault.Missing, message);

    public static KeyRootException NoSuchKey(Guid id) =>
        Missing($"The key root has no key {id:N}: it was destroyed, or belongs to another key root.");

    public static KeyRootException Tampered(Exception? inner = null) => new(
        KeyRootFault.Tampered, $"The blob is not what this key root wrapped: {inner?.Message ?? "it does not open"}.",
        inner);
}
