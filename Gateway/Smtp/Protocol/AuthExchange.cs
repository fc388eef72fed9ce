using System.Buffers;
using System.Buffers.Text;
using System.Text;
using System.Text.Unicode;

namespace AMA.Gateway.Smtp.Protocol;

/// <summary>
/// One AUTH (RFC 4954) from its command to its verdict: PLAIN (RFC 4616) and LOGIN, with the first response along with
/// the command or after a challenge. Secrets are wiped as soon as they have been looked at.
/// </summary>
internal sealed class AuthExchange(ISourceCredentials credentials)
{
    /// <summary>RFC 4616 §2 allows no more for each of its parts.</summary>
    private const int PartBytesMax = 255;

    private Awaited _awaited;
    private string _user = "";

    private enum Awaited
    {
        Nothing,
        Plain,
        LoginUser,
        LoginSecret,
    }

    /// <summary>The next line is a response to a challenge, not a command.</summary>
    public bool IsOpen => _awaited != Awaited.Nothing;

    /// <summary>Set by the one success.</summary>
    public string? Identity { get; private set; }

    /// <summary>The user whose credentials were wrong, of the last exchange.</summary>
    public string? Refused { get; private set; }

    /// <summary>"PLAIN", "PLAIN AGEAYg==", "PLAIN =" (an empty response), "LOGIN", "LOGIN dXNlcg==".</summary>
    public SmtpReply Begin(ReadOnlySpan<byte> argument)
    {
        var space = argument.IndexOf((byte)' ');
        var mechanism = space < 0 ? argument : argument[..space];
        var response = space < 0 ? [] : argument[space..].TrimStart((byte)' ');
        if (Ascii.EqualsIgnoreCase(mechanism, "PLAIN"u8)) _awaited = Awaited.Plain;
        else if (Ascii.EqualsIgnoreCase(mechanism, "LOGIN"u8)) _awaited = Awaited.LoginUser;
        else return mechanism.IsEmpty ? Replies.ArgumentMissing : Replies.UnknownMechanism;
        if (response.IsEmpty) return _awaited == Awaited.Plain ? Replies.AuthGoAhead : Replies.AuthUser;
        return Take(response is [(byte)'='] ? [] : response);
    }

    /// <summary>A response in base64, or "*", which gives up.</summary>
    public SmtpReply Take(ReadOnlySpan<byte> line)
    {
        var awaited = _awaited;
        _awaited = Awaited.Nothing;
        if (line is [(byte)'*']) return Replies.AuthCancelled;
        var decoded = new byte[Base64.GetMaxDecodedFromUtf8Length(line.Length)];
        try
        {
            var done = Base64.DecodeFromUtf8(line, decoded, out var read, out var length) == OperationStatus.Done;
            if (!done || read != line.Length || HasBlanks(line)) return Replies.AuthMalformed;
            return Decide(awaited, decoded.AsSpan(0, length));
        }
        finally
        {
            decoded.AsSpan().Clear();
        }
    }

    private SmtpReply Decide(Awaited awaited, ReadOnlySpan<byte> response)
    {
        if (awaited == Awaited.Plain) return Plain(response);
        if (awaited == Awaited.LoginSecret) return Identify(_user, response);
        if (!TryUser(response, out _user)) return Replies.AuthMalformed;
        _awaited = Awaited.LoginSecret;
        return Replies.AuthSecret;
    }

    /// <summary>authzid NUL authcid NUL passwd. Nobody here may act for anybody else.</summary>
    private SmtpReply Plain(ReadOnlySpan<byte> response)
    {
        var first = response.IndexOf((byte)0);
        if (first < 0) return Replies.AuthMalformed;
        var rest = response[(first + 1)..];
        var second = rest.IndexOf((byte)0);
        if (second < 0 || !TryUser(rest[..second], out var user)) return Replies.AuthMalformed;
        if (first > 0 && !response[..first].SequenceEqual(rest[..second])) return Replies.AuthRefused;
        return Identify(user, rest[(second + 1)..]);
    }

    private SmtpReply Identify(string user, ReadOnlySpan<byte> secret)
    {
        if (secret.Length is 0 or > PartBytesMax || secret.Contains((byte)0)) return Replies.AuthMalformed;
        var verdict = credentials.Check(user, secret);
        Identity = verdict == CredentialVerdict.Good ? user : null;
        Refused = verdict == CredentialVerdict.Wrong ? user : null;
        return verdict switch
        {
            CredentialVerdict.Good => Replies.AuthOk,
            CredentialVerdict.NotNow => Replies.AuthNotNow,
            _ => Replies.AuthRefused,
        };
    }

    private static bool TryUser(ReadOnlySpan<byte> bytes, out string user)
    {
        user = "";
        if (bytes.Length is 0 or > PartBytesMax || !Utf8.IsValid(bytes)) return false;
        user = Encoding.UTF8.GetString(bytes);
        return !user.Any(char.IsControl);
    }

    /// <summary>The decoder would pass over them; RFC 4954 knows no such thing.</summary>
    private static bool HasBlanks(ReadOnlySpan<byte> line) => line.ContainsAny(" \t\r\n"u8);
}
