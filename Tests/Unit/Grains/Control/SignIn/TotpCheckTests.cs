using System.Globalization;
using System.Text;
using AMA.Grains.Control.SignIn;
using Xunit;

namespace AMA.Tests.Unit.Grains.Control.SignIn;

public sealed class TotpCheckTests
{
    private static readonly byte[] Secret = Encoding.ASCII.GetBytes("12345678901234567890");

    /// <summary>RFC 6238, appendix B, SHA-1; the last six of its eight digits.</summary>
    [Theory]
    [InlineData(59, "287082")]
    [InlineData(1111111109, "081804")]
    [InlineData(1111111111, "050471")]
    [InlineData(1234567890, "005924")]
    [InlineData(2000000000, "279037")]
    [InlineData(20000000000, "353130")]
    public void VectorsOfTheRfc_AreTaken(long seconds, string code) =>
        Assert.Equal(seconds / 30, TotpCheck.StepOf(Secret, code, At(seconds), lastStep: 0));

    [Theory]
    [InlineData(-31, false)]
    [InlineData(-30, true)]
    [InlineData(0, true)]
    [InlineData(30, true)]
    [InlineData(59, true)]
    [InlineData(60, false)]
    public void CodeIsGood_OneStepEarlyOrLate(int offset, bool good)
    {
        const long begin = 1111111110; // of a step
        Assert.Equal(good, TotpCheck.StepOf(Secret, "050471", At(begin + offset), lastStep: 0) is not null);
    }

    [Fact]
    public void Threat_33_CodeNeverWorksTwice_NorOneFromBefore()
    {
        const long step = 1111111111 / 30;
        Assert.Null(TotpCheck.StepOf(Secret, "050471", At(1111111111), lastStep: step));
        Assert.Null(TotpCheck.StepOf(Secret, "081804", At(1111111111), lastStep: step));
        Assert.NotNull(TotpCheck.StepOf(Secret, "050471", At(1111111111), lastStep: step - 1));
    }

    [Theory]
    [InlineData("")]
    [InlineData("05047")]
    [InlineData("0504711")]
    [InlineData("05047x")]
    [InlineData(" 050471")]
    [InlineData("٠٥٠٤٧١")]
    public void AnythingElse_IsNoCode(string code) =>
        Assert.Null(TotpCheck.StepOf(Secret, code, At(1111111111), lastStep: 0));

    [Fact]
    public void Address_HoldsWhatAppsNeed_AndEscapesNames()
    {
        var address = TotpCheck.Address(Secret, "acme", "eve+1@acme.example");
        Assert.StartsWith("otpauth://totp/AMA%20acme%3Aeve%2B1%40acme.example?", address, StringComparison.Ordinal);
        Assert.Contains("secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", address, StringComparison.Ordinal);
        Assert.Contains("algorithm=SHA1&digits=6&period=30", address, StringComparison.Ordinal);
    }

    private static DateTimeOffset At(long seconds) => DateTimeOffset.FromUnixTimeSeconds(seconds);
}

public sealed class RecoveryCodesTests
{
    [Fact]
    public void TenCodes_AllDifferent_EachKnown_HoweverTyped()
    {
        var codes = RecoveryCodes.New(AMA.Adapters.Local.SystemRandom.Instance);
        Assert.Equal(10, codes.Distinct().Count());
        var hashes = codes.Select(RecoveryCodes.HashOf).ToArray();
        var typed = codes[3].Replace("-", " ").ToUpper(CultureInfo.InvariantCulture);
        Assert.Same(hashes[3], RecoveryCodes.Find(hashes, typed));
        Assert.Null(RecoveryCodes.Find(hashes[..3], typed));
        Assert.Null(RecoveryCodes.Find(hashes, ""));
        Assert.Null(RecoveryCodes.Find(hashes, new string('a', 10_000)));
    }
}
