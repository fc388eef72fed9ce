using System.Security.Cryptography;
using AMA.Grains.Interfaces.Control;

namespace AMA.Grains.Control.SignIn;

/// <summary>
/// The recovery codes that some people used, of those that their accounts still list. A value.
/// </summary>
public sealed record SpentCodesState
{
    /// <summary>People of one shard: with <see cref="SecondFactorShards.CodeShards"/> of them some 16 million.</summary>
    public const int EntriesMax = 4096;

    public SpentCodes[] Entries { get; init; } = [];

    /// <summary>The state once this code is used; null: it was. Throws <see cref="ControlException"/>.</summary>
    /// <param name="hash">Of the code.</param>
    /// <param name="listed">Hashes of all codes of the person's account: others are worth nothing and are forgotten.
    /// </param>
    public SpentCodesState? Spend(string key, byte[] hash, byte[][] listed)
    {
        var before = Array.Find(Entries, entry => entry.Key == key)?.Hashes ?? [];
        if (Holds(before, hash)) return null;
        var others = Entries.Where(entry => entry.Key != key).ToArray();
        if (others.Length >= EntriesMax)
            throw new ControlException(ControlRefusal.Unavailable, "Too many recovery codes were used.");
        return new() { Entries = [.. others, new(key, [.. before.Where(old => Holds(listed, old)), hash])] };
    }

    private static bool Holds(byte[][] hashes, byte[] hash) =>
        Array.Exists(hashes, known => CryptographicOperations.FixedTimeEquals(known, hash));
}

/// <param name="Key"><see cref="SecondFactorShards.KeyOf"/>.</param>
/// <param name="Hashes">SHA-256 of each used code.</param>
public sealed record SpentCodes(string Key, byte[][] Hashes);
