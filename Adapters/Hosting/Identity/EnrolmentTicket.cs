using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace AMA.Adapters.Hosting.Identity;

/// <summary>
/// What an operator carries to a new machine: a one-time token, and the fingerprint by which the machine knows that it
/// gives the token to Control and to nobody else. "{token}.{SHA-256 of the CA's certificate}", base64url both.
/// </summary>
public sealed record EnrolmentTicket(string Token, byte[] Fingerprint)
{
    private const int CharsMax = 512;

    public static EnrolmentTicket Of(string token, byte[] authority) => new(token, SHA256.HashData(authority));

    public static bool TryParse(string? text, [NotNullWhen(true)] out EnrolmentTicket? ticket)
    {
        ticket = null;
        if (text is not { Length: > 0 and <= CharsMax } || text.Split('.') is not [var token, var print]) return false;
        if (!Base64Url.IsValid(print, out var length) || length != SHA256.HashSizeInBytes) return false;
        ticket = new(token, Base64Url.DecodeFromChars(print));
        return true;
    }

    /// <summary>The text that the operator sees. Never logged.</summary>
    public string Write() => $"{Token}.{Base64Url.EncodeToString(Fingerprint)}";

    public bool Names(byte[] authority) => Fingerprint.AsSpan().SequenceEqual(SHA256.HashData(authority));

    public override string ToString() => "[secret]";
}
