namespace AMA.Archive.Keys.Recovery;

/// <summary>
/// The field of 256 elements, modulo x^8 + x^4 + x^3 + x + 1. No tables and no branches on values: time and memory
/// touched say nothing about a secret.
/// </summary>
internal static class ByteField
{
    private const int Reduction = 0x1b;

    public static byte Multiply(byte left, byte right)
    {
        int product = 0, factor = left;
        for (var bit = 0; bit < 8; bit++)
        {
            product ^= factor & -(right >> bit & 1);
            factor = factor << 1 ^ (Reduction & -(factor >> 7 & 1));
            factor &= 0xff;
        }
        return (byte)product;
    }

    /// <summary>The 254th power: the inverse, and zero for zero.</summary>
    public static byte Invert(byte value)
    {
        var power = value;
        for (var step = 0; step < 6; step++) power = Multiply(Multiply(power, power), value);
        return Multiply(power, power);
    }
}
