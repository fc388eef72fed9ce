using System.Security.Cryptography;
using System.Text;
using AMA.Archive.Sealing;

namespace AMA.Archive.Keys.Recovery;

/// <summary>
/// Base 32 in groups of four, without the letters that pass for digits when read aloud or from paper (Crockford's
/// alphabet: no I, L, O, U; a reader takes i and l for 1, o for 0).
/// </summary>
internal static class ShareText
{
    public const int Chars = Symbols + Symbols / GroupChars - 1;

    private const int Symbols = 80;
    private const int GroupChars = 4;
    private const int BitsPerSymbol = 5;
    private const string Alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

    public static Secret Write(ReadOnlySpan<byte> bytes) =>
        Secret.Make(Chars, bytes, static (from, text) =>
        {
            for (int symbol = 0, at = 0; symbol < Symbols; symbol++)
            {
                if (symbol > 0 && symbol % GroupChars == 0) text[at++] = (byte)'-';
                text[at++] = (byte)Alphabet[SymbolAt(from, symbol)];
            }
        });

    /// <summary>The checksum's own bytes, five, as they stand at the text's end.</summary>
    public static string Checksum(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder();
        for (var symbol = 0; symbol < bytes.Length * 8 / BitsPerSymbol; symbol++)
        {
            if (symbol == GroupChars) text.Append('-');
            text.Append(Alphabet[SymbolAt(bytes, symbol)]);
        }
        return text.ToString();
    }

    public static Secret Read(ReadOnlySpan<char> typed, int length)
    {
        Span<byte> symbols = stackalloc byte[Symbols];
        try
        {
            var count = 0;
            foreach (var character in typed)
            {
                if (char.IsWhiteSpace(character) || character == '-') continue;
                var value = ValueOf(character);
                SealException.Unless(value >= 0, SealFault.Format, $"'{character}' is in no share");
                SealException.Unless(count < Symbols, SealFault.Trailing, $"a share has {Symbols} letters and digits");
                symbols[count++] = (byte)value;
            }
            SealException.Unless(count == Symbols, SealFault.Truncated, $"a share has {Symbols} letters and digits");
            return Secret.Make(length, (ReadOnlySpan<byte>)symbols, static (from, bytes) => Pack(from, bytes));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(symbols);
        }
    }

    private static void Pack(ReadOnlySpan<byte> symbols, Span<byte> bytes)
    {
        bytes.Clear();
        for (var bit = 0; bit < bytes.Length * 8; bit++)
        {
            var value = symbols[bit / BitsPerSymbol] >> (BitsPerSymbol - 1 - bit % BitsPerSymbol) & 1;
            bytes[bit / 8] |= (byte)(value << (7 - bit % 8));
        }
    }

    private static int SymbolAt(ReadOnlySpan<byte> bytes, int symbol)
    {
        var value = 0;
        for (var bit = symbol * BitsPerSymbol; bit < (symbol + 1) * BitsPerSymbol; bit++)
            value = value << 1 | bytes[bit / 8] >> (7 - bit % 8) & 1;
        return value;
    }

    private static int ValueOf(char character) => char.ToUpperInvariant(character) switch
    {
        'I' or 'L' => 1,
        'O' => 0,
        var upper => Alphabet.IndexOf(upper, StringComparison.Ordinal),
    };
}
