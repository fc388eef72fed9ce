using System.Diagnostics.CodeAnalysis;

namespace AMA.Archive.Ids;

/// <summary>RFC 4648 §6 for 160 bits: 20 bytes are 32 characters of [a-z2-7], without padding.</summary>
public static class Base32
{
    public const int Bytes = 20;
    public const int Characters = 32;
    private const string Alphabet = "abcdefghijklmnopqrstuvwxyz234567";
    private const int BitsPerCharacter = 5;

    public static string Text(ReadOnlySpan<byte> bytes)
    {
        Span<char> text = stackalloc char[Characters];
        for (var i = 0; i < Characters; i++)
        {
            var bit = i * BitsPerCharacter;
            var pair = bytes[bit / 8] << 8 | (bit / 8 + 1 < Bytes ? bytes[bit / 8 + 1] : 0);
            text[i] = Alphabet[pair >> (11 - bit % 8) & 31];
        }
        return new string(text);
    }

    /// <summary>Upper case is taken too. False: not of this form, and <paramref name="bytes"/> mean nothing.</summary>
    public static bool TryRead([NotNullWhen(true)] string? text, Span<byte> bytes)
    {
        if (text is not { Length: Characters }) return false;
        bytes[..Bytes].Clear();
        for (var i = 0; i < Characters; i++)
        {
            var value = Alphabet.IndexOf(char.ToLowerInvariant(text[i]));
            if (value < 0) return false;
            var bit = i * BitsPerCharacter;
            var shifted = value << (11 - bit % 8);
            bytes[bit / 8] |= (byte)(shifted >> 8);
            if (bit / 8 + 1 < Bytes) bytes[bit / 8 + 1] |= (byte)shifted;
        }
        return true;
    }
}
