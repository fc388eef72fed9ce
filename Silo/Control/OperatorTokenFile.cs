using System.Buffers.Text;
using System.Text;
using AMA.Adapters.Local;
using AMA.Archive.Ids;
using AMA.Grains.Control.Directory;

namespace AMA.Silo.Control;

/// <summary>The file in which the operator finds the operator token.</summary>
internal sealed class OperatorTokenFile(PrivateFiles files, IRandom random)
{
    private const int TokenBytes = 32;

    /// <summary>
    /// Makes the token, unless a start that died before it was done has made it. Answers its hash, which is all that
    /// Control keeps.
    /// </summary>
    public byte[] Make(string path)
    {
        var token = Base64Url.EncodeToString(random.NextBytes(TokenBytes));
        files.TryCreate(path, Encoding.ASCII.GetBytes(token + "\n"));
        var written = files.Read(path) ?? throw new IOException($"{path} has vanished");
        return OperatorGate.HashOf(Encoding.ASCII.GetString(written).Trim());
    }

    /// <summary>
    /// A new token, beside the one in use: it counts when <see cref="Settle"/> finds that Control took it. One that is there
    /// is gone on with: Control may have taken it, though the answer was lost, and then nobody has another. Answers its hash.
    /// </summary>
    public byte[] Prepare(string path)
    {
        if (files.Read(NextOf(path)) is { } left && files.Read(path) is { } inUse && left.AsSpan().SequenceEqual(inUse))
            files.Delete(NextOf(path)); // settled but for this: it isn't new
        return Make(NextOf(path));
    }

    /// <summary>
    /// Puts the new token in the place of the old one if it is the one that Control knows; else it was cut before that,
    /// and goes. Does nothing when none was prepared.
    /// </summary>
    /// <param name="known">The hash that Control keeps.</param>
    public void Settle(string path, ReadOnlySpan<byte> known)
    {
        if (files.Read(NextOf(path)) is not { } next) return;
        if (IsOf(next, known) && (files.Read(path) is not { } there || !IsOf(there, known)))
        {
            files.Delete(path);
            files.TryCreate(path, next);
        }
        files.Delete(NextOf(path));
    }

    private static string NextOf(string path) => path + ".next";

    private static bool IsOf(byte[] file, ReadOnlySpan<byte> known) =>
        known.SequenceEqual(OperatorGate.HashOf(Encoding.ASCII.GetString(file).Trim()));
}
