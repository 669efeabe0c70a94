// The fonts of the reader's system: nothing is loaded from elsewhere, and no text moves when a font arrives.
import Theme from 'vitepress/theme-without-fonts';
import './style.css';

export default Theme;
