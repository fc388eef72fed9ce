using OtpNet;

namespace AMA.Grains.Control.SignIn;

/// <summary>Time-based one-time passwords (RFC 6238): SHA-1, 30 s, 6 digits; one step early or late is taken.</summary>
public static class TotpCheck
{
    /// <summary>RFC 4226 §4, R6: 160 bits are recommended.</summary>
    public const int SecretBytes = 20;

    public const int StepSeconds = 30;
    public const int Digits = 6;

    private static readonly VerificationWindow OneStepEachWay = new(previous: 1, future: 1);

    /// <summary>
    /// The step whose code this is, if it is later than <paramref name="lastStep"/>: a code never works twice, nor
    /// does one from before it. Null otherwise.
    /// </summary>
    /// <param name="secret">Read, not kept.</param>
    public static long? StepOf(byte[] secret, string code, DateTimeOffset now, long lastStep)
    {
        if (!IsCode(code)) return null;
        var totp = new Totp(secret, StepSeconds, OtpHashMode.Sha1, Digits);
        return totp.VerifyTotp(now.UtcDateTime, code, out var step, OneStepEachWay) && step > lastStep ? step : null;
    }

    public static long StepAt(DateTimeOffset now) => now.ToUnixTimeSeconds() / StepSeconds;

    public static bool IsCode(string? code) => code is { Length: Digits } && code.All(char.IsAsciiDigit);

    /// <summary>Base32 (RFC 4648), as authenticator apps take it.</summary>
    public static string Text(byte[] secret) => Base32Encoding.ToString(secret).TrimEnd('=');

    /// <summary>otpauth://totp/…, which apps read from a QR code.</summary>
    public static string Address(byte[] secret, string tenant, string user)
    {
        var label = Uri.EscapeDataString($"AMA {tenant}:{user}");
        return $"otpauth://totp/{label}?secret={Text(secret)}&issuer={Uri.EscapeDataString($"AMA {tenant}")}"
            + $"&algorithm=SHA1&digits={Digits}&period={StepSeconds}";
    }
}
