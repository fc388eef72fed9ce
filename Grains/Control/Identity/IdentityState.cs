using System.Security.Cryptography;
using AMA.Archive.Access;
using Orleans;

namespace AMA.Grains.Control.Identity;

/// <summary>Which starts of silos are the newest, and which enrolment tokens are spent. A value.</summary>
public sealed record IdentityState
{
    /// <summary>Silos remembered; the longest silent go first, and simply register again.</summary>
    public const int SilosMax = 1024;

    /// <summary>Enrolments within a token's life; more would be a flood, and wait.</summary>
    public const int SpentMax = 4096;

    /// <summary>
    /// Counted over all silos, so that no number ever comes again, even for a silo that was forgotten.
    /// </summary>
    public long LastIncarnation { get; init; }

    public SiloStart[] Silos { get; init; } = [];

    public SpentToken[] Spent { get; init; } = [];

    /// <summary>Shut out, each until it enrols with a new token.</summary>
    public RevokedPeer[] Revoked { get; init; } = [];

    /// <summary>Every certificate that the peer has until now is worth nothing from now on.</summary>
    public IdentityState Revoke(PeerRole role, string name, DateTimeOffset now)
    {
        // What has run out too long ago for a renewal is dead without being listed.
        var kept = Revoked.Where(entry =>
            entry.Until > now - CertificateIssuer.ShutOutFor && (entry.Role != role || entry.Name != name));
        return this with { Revoked = [.. kept, new RevokedPeer(role, name, now)] };
    }

    public SiloStart? Find(string silo) => Array.Find(Silos, start => start.Silo == silo);

    /// <summary>The silo's next start; the earlier one is dead from now on.</summary>
    /// <param name="restoreGeneration">Stands above 40 bits: numbers that no backup knows of don't come again.</param>
    public IdentityState Register(
        string silo, byte[] kemPublicKey, DateTimeOffset now, uint restoreGeneration = 0)
    {
        var last = Math.Max(LastIncarnation, (long)restoreGeneration << 40);
        var start = new SiloStart(silo, last + 1, SHA256.HashData(kemPublicKey), now);
        var others = Silos.Where(other => other.Silo != silo).OrderByDescending(other => other.Incarnation);
        return this with { LastIncarnation = start.Incarnation, Silos = [start, .. others.Take(SilosMax - 1)] };
    }

    /// <summary>The state in which the token is spent; null when it was spent before.</summary>
    public IdentityState? Spend(SpentToken token, DateTimeOffset now)
    {
        var remembered = Spent.Where(other => now < other.ExpiresAt).ToArray();
        if (remembered.Length >= SpentMax || remembered.Any(other => other.Id == token.Id)) return null;
        return this with { Spent = [.. remembered, token] };
    }
}

/// <param name="KemHash">SHA-256 of the key that answers to this start are sealed to.</param>
[GenerateSerializer, Immutable, Alias("ama.control.internal.silo-start")]
public sealed record SiloStart(
    [property: Id(0)] string Silo, [property: Id(1)] long Incarnation, [property: Id(2)] byte[] KemHash,
    [property: Id(3)] DateTimeOffset RegisteredAt);
