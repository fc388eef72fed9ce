using System.Text;

namespace AMA.Gateway.Smtp.Protocol;

/// <summary>One reply, encoded once. Texts are ASCII without line ends.</summary>
public sealed class SmtpReply
{
    private readonly byte[] _bytes;

    /// <param name="code">RFC 5321 §4.2; 400 to 499 is our fault or our "not now", 500 to 599 the client's.</param>
    /// <param name="lines">Without the code; an enhanced code (RFC 3463) stands at their beginning.</param>
    public SmtpReply(int code, params ReadOnlySpan<string> lines)
    {
        Code = code;
        var text = new StringBuilder();
        for (var i = 0; i < lines.Length; i++)
            text.Append(code).Append(i == lines.Length - 1 ? ' ' : '-').Append(lines[i]).Append("\r\n");
        _bytes = Encoding.ASCII.GetBytes(text.ToString());
    }

    public int Code { get; }

    public ReadOnlySpan<byte> Bytes => _bytes;

    public bool IsRefusal => Code >= 500;

    public override string ToString() => Encoding.ASCII.GetString(_bytes).TrimEnd();
}
