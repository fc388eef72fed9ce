using QRCoder;

namespace AMA.Gateway.Cli.Output;

/// <summary>
/// A QR code out of half blocks, white on black whatever the terminal's own colours are: on a light one it would be its
/// own negative, which not every app reads.
/// </summary>
internal static class QrText
{
    private const string WhiteOnBlack = "\u001b[97;40m";
    private const string AsBefore = "\u001b[0m";

    public static string Of(string text)
    {
        using var data = QRCodeGenerator.GenerateQrCode(text, QRCodeGenerator.ECCLevel.L);
        using var code = new AsciiQRCode(data);
        var lines = code.GetGraphicSmall(endOfLine: "\n").Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return string.Join(Environment.NewLine, lines.Select(line => WhiteOnBlack + line + AsBefore));
    }
}
