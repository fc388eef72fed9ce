using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace AMA.Archive.Log.Merkle;

/// <summary>C2SP tlog-checkpoint: which log, how many entries, which root. Three lines, no extensions.</summary>
/// <param name="Origin">Names the log, for ever: "ama.example/eu/control-audit".</param>
public sealed record Checkpoint(string Origin, long Size, byte[] Root)
{
    public string Text =>
        string.Create(CultureInfo.InvariantCulture, $"{Origin}\n{Size}\n{Convert.ToBase64String(Root)}\n");

    /// <summary>False for anything but exactly what <see cref="Text"/> writes.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out Checkpoint? checkpoint)
    {
        checkpoint = null;
        var lines = text.Split('\n');
        if (lines.Length != 4 || lines[0].Length == 0) return false;
        if (!long.TryParse(lines[1], NumberStyles.None, CultureInfo.InvariantCulture, out var size)) return false;
        var root = new byte[MerkleHash.Bytes];
        if (lines[2].Length != (MerkleHash.Bytes + 2) / 3 * 4) return false;
        if (!Convert.TryFromBase64String(lines[2], root, out var count) || count != root.Length) return false;
        var read = new Checkpoint(lines[0], size, root);
        if (read.Text != text) return false;
        checkpoint = read;
        return true;
    }

    /// <summary>False unless the note is a checkpoint of this log, signed by its key.</summary>
    public static bool TryVerify(
        string note, string origin, ReadOnlySpan<byte> publicKey, [NotNullWhen(true)] out Checkpoint? checkpoint)
    {
        checkpoint = null;
        return SignedNote.TryVerify(note, origin, publicKey, out var text)
            && TryParse(text, out checkpoint) && checkpoint.Origin == origin;
    }
}
