namespace AMA.Adapters.Submission;

/// <summary>One stored message.</summary>
/// <param name="Name">Where it came from: "dir/a.eml", "list.mbox#12", "mail.tar.gz!inbox/1.eml".</param>
/// <param name="Bytes">As they lie in the source; <see cref="CrlfForm"/> gives what SMTP carries.</param>
public sealed record MessageSource(string Name, ReadOnlyMemory<byte> Bytes);

/// <summary>How messages are found in files.</summary>
public sealed record MessageSourceOptions
{
    /// <summary>Whether ">From " lines of an mbox lose one '>' (mboxrd) or stay as they are (mboxo, mboxcl).</summary>
    public MboxQuoting Mbox { get; init; } = MboxQuoting.Rd;

    /// <summary>
    /// A larger message is reported in <see cref="Skipped"/>. Default 150 MB, the gateway's own limit.
    /// </summary>
    public int MessageBytesMax { get; init; } = 150 << 20;

    /// <summary>The reason in <see cref="Skipped"/> for what is no mail; with others, mail stays behind.</summary>
    public const string NotAMessage = "not a message";

    /// <summary>Told of every file that holds no message and why, so that nothing is left out in silence.</summary>
    public Action<string, string> Skipped { get; init; } = (_, _) => { };
}

public enum MboxQuoting { Rd, None }
