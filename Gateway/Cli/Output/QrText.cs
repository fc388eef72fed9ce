using QRCoder;

namespace AMA.Gateway.Cli.Output;

/// <summary>A QR code out of half blocks, which terminals of any colours show and cameras read.</summary>
internal static class QrText
{
    public static string Of(string text)
    {
        using var data = QRCodeGenerator.GenerateQrCode(text, QRCodeGenerator.ECCLevel.L);
        using var code = new AsciiQRCode(data);
        return code.GetGraphicSmall();
    }
}
