using System.Security.Cryptography;
using System.Text;
using AMA.Archive.Ids;

namespace AMA.Grains.Control.SignIn;

/// <summary>
/// Ten codes for the day the second factor is lost, each good once. 75 random bits, so that a plain hash hides them.
/// </summary>
public static class RecoveryCodes
{
    public const int Count = 10;

    private const int Groups = 3;
    private const int CharsMax = 64;

    public static string[] New(IRandom random) =>
        [.. Enumerable.Range(0, Count).Select(_ => SpokenText.New(random, Groups))];

    /// <summary>SHA-256 of the code without blanks and hyphens, in lower case: people type as they like.</summary>
    public static byte[] HashOf(string code)
    {
        var plain = code.Length > CharsMax ? "" : string.Concat(code.Where(char.IsAsciiLetterOrDigit));
        return SHA256.HashData(Encoding.ASCII.GetBytes(plain.ToLowerInvariant()));
    }

    /// <summary>The one of the hashes that is this code's; null when it is none of them.</summary>
    public static byte[]? Find(byte[][] hashes, string code)
    {
        var hash = HashOf(code);
        return Array.Find(hashes, known => CryptographicOperations.FixedTimeEquals(known, hash));
    }
}

/// <summary>Random texts that people read out and type.</summary>
public static class SpokenText
{
    /// <summary>32 signs, so that five random bits choose one; none that looks like another.</summary>
    private const string Signs = "abcdefghijkmnpqrstuvwxyz23456789";

    private const int GroupChars = 5;

    /// <summary>25 bits a group: "xxxxx-xxxxx-…".</summary>
    public static string New(IRandom random, int groups)
    {
        var bytes = random.NextBytes(groups * GroupChars);
        return string.Join('-', bytes.Chunk(GroupChars)
            .Select(group => string.Concat(group.Select(value => Signs[value % Signs.Length]))));
    }
}
