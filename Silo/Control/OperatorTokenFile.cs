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
}
