using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;
using AMA.Archive.Access;
using AMA.Archive.Ids;
using AMA.Grains.Control.Keys;

namespace AMA.Grains.Control.Identity;

/// <summary>
/// One-time enrolment tokens. Minted in a control silo's own process: whoever can ask for one is already inside. The
/// token says its role and end itself, and is bound to the name that the operator gave, under a MAC that only Control
/// can make; that it is used once, the identity grain sees to. Role 1 ‖ end u64 ms ‖ id 16 ‖ HMAC-SHA-256 of all before
/// and the name, as base64url.
/// </summary>
public sealed class EnrolmentTokens(KeyRing ring, IRandom random, TimeProvider time)
{
    public static readonly TimeSpan Life = TimeSpan.FromMinutes(10);

    private const int MacBytes = 32;
    private const int BodyBytes = 25;
    private const int TokenCharsMax = 128;

    /// <summary>
    /// A token for one certificate of this role and name. The silo must have opened its keys.
    /// </summary>
    /// <param name="name">As <see cref="PeerIdentity.IsName"/>.</param>
    /// <param name="life">Ten minutes when left out.</param>
    public string Mint(PeerRole role, string name, TimeSpan? life = null)
    {
        var token = new byte[BodyBytes + MacBytes];
        token[0] = (byte)role;
        BinaryPrimitives.WriteInt64BigEndian(token.AsSpan(1), (time.GetUtcNow() + (life ?? Life)).ToUnixTimeMilliseconds());
        random.Fill(token.AsSpan(9, 16));
        Mac(token.AsSpan(0, BodyBytes), name, token.AsSpan(BodyBytes));
        return Base64Url.EncodeToString(token);
    }

    /// <summary>True for a token of this role and name that was minted here and has not run out.</summary>
    internal bool TryRead(string? text, PeerRole role, string name, out SpentToken token)
    {
        token = default;
        if (text is not { Length: > 0 and <= TokenCharsMax } || !Base64Url.IsValid(text)) return false;
        var bytes = Base64Url.DecodeFromChars(text);
        if (bytes.Length != BodyBytes + MacBytes) return false;
        Span<byte> mac = stackalloc byte[MacBytes];
        Mac(bytes.AsSpan(0, BodyBytes), name, mac);
        if (!CryptographicOperations.FixedTimeEquals(mac, bytes.AsSpan(BodyBytes))) return false;
        if (bytes[0] != (byte)role) return false;
        var end = DateTimeOffset.FromUnixTimeMilliseconds(BinaryPrimitives.ReadInt64BigEndian(bytes.AsSpan(1)));
        token = new(new Guid(bytes.AsSpan(9, 16), bigEndian: true), end);
        return time.GetUtcNow() < end;
    }

    private void Mac(ReadOnlySpan<byte> body, string name, Span<byte> mac)
    {
        using var key = ring.Derive("ama/enrolment-token@v1");
        HMACSHA256.HashData(key.Span, [.. body, .. Encoding.ASCII.GetBytes(name)], mac);
    }
}

/// <param name="ExpiresAt">When the token would have run out, and need not be remembered any more.</param>
[method: JsonConstructor]
public readonly record struct SpentToken(Guid Id, DateTimeOffset ExpiresAt);
