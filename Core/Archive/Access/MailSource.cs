using System.Security.Cryptography;
using AMA.Archive.Ids;

namespace AMA.Archive.Access;

/// <summary>How a source is known: what <see cref="MailSource.Match"/> holds.</summary>
public enum SourceKind
{
    /// <summary>SMTP AUTH (RFC 4954): the user's name; the secret's hash stands beside it.</summary>
    Auth,

    /// <summary>The client's address lies in an IP network.</summary>
    Network,

    /// <summary>The client shows a certificate of this SHA-256.</summary>
    Certificate,
}

/// <summary>
/// One way on which a tenant's mail may come (docs/formats/signed-documents.md). Its texts are in normal form: see
/// <see cref="SourceRules"/>.
/// </summary>
/// <param name="Match">A user name, a network as "192.0.2.0/24", or 64 lower case hex digits.</param>
/// <param name="Secret">32 bytes, <see cref="SourceSecret.Hash"/>, for <see cref="SourceKind.Auth"/>; else null.</param>
/// <param name="ExpectedSeconds">Something comes from it at least so often, or it is silent; null: whenever it likes.</param>
/// <param name="ExpectedSince">When that was said; null without it.</param>
public sealed record MailSource(
    Guid Id, SourceKind Kind, string Match, byte[]? Secret, int? ExpectedSeconds = null,
    DateTimeOffset? ExpectedSince = null);

/// <summary>Secrets of sources: made by Control, told once, kept as a hash.</summary>
public static class SourceSecret
{
    /// <summary>
    /// 32 characters of [a-z2-7]. 160 random bits are too many to be guessed, so that a fast hash will do.
    /// </summary>
    public static string New(IRandom random) => Base32.Text(random.NextBytes(Base32.Bytes));

    /// <summary>What a gateway compares: 32 bytes.</summary>
    public static byte[] Hash(ReadOnlySpan<byte> secret)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData("ama/source-secret@v1\0"u8);
        hash.AppendData(secret);
        return hash.GetHashAndReset();
    }
}
